"""The parts that need torch. They are imported only when a network runs."""
