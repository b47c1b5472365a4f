"""Flat rows of an ERP, kept by their product model until they are written as models and variants."""
