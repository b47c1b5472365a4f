"""What a PIM has beside products and their structure: files, reference entities, assets, catalogs, workflows ..."""

__all__: list[str] = []
