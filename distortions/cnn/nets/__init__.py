"""The parts that need torch; nothing here is imported before a network runs."""
