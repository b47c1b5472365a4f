"""The memory of a sync in a database: tables, records and rows, on SQLite and on PostgreSQL."""
