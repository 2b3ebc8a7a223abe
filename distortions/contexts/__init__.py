"""The six types of Pihlgren, Sandin and Liwicki 2023, with their published ranges."""
