"""Score metrics on judgments, and report the scores."""
