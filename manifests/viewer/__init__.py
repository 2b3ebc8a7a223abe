"""A page to look through items: filter, sort, zoom, flip between patches. It runs in a browser from a file."""
