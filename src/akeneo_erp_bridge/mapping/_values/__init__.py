"""One value of the ERP becomes one of the PIM: converters."""
