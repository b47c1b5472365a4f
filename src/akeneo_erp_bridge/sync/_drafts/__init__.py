"""From a page of ERP items to the changes it asks for."""
