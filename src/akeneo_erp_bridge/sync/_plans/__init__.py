"""Plans: drawn up, shown, kept in a file, and applied."""
