"""A real Odoo for demos and tests; `up.py` is the command."""
