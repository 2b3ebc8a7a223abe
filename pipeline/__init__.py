"""From photographs to a BAPPS dataset."""
