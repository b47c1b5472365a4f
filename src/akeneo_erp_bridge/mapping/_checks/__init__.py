"""What does not fit is found before the first write."""
