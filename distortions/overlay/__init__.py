"""Things in front of the picture: weather, dirt, blocks."""
