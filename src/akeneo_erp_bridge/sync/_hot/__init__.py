"""The hot path: what moved in the ERP, on its way to the shop."""
