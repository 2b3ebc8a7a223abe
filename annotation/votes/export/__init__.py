"""Task lists for other tools."""
