"""Shops with an API of their own, one module each; what they share beside them."""
