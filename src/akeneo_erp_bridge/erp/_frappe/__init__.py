"""Frappe's REST API, of which ERPNext is made: `FrappeAdapter` and what it is made of."""
