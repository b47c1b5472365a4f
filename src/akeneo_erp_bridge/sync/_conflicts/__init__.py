"""Cells that the ERP owns and a PIM user changed."""
