"""From a planned triplet and its photograph to pixels and PNG files."""
