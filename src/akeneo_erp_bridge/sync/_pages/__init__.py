"""What texts, pages and files for people have in common."""
