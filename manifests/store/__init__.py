"""Read and write files by name, in a folder or at an address. A file is complete or absent."""
