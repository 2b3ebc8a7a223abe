"""What networks of banks are for: one task, one file."""
