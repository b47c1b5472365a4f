"""What is more than one value: models and variants, links, files, tables, records."""
