"""Files by name, in a folder or at an address; each is whole or not there."""
