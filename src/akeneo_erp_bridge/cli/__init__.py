"""What a person sees: tables, progress bars, exit codes. Needs the extra `cli`."""
