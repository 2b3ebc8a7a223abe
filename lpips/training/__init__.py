"""Training the metric on judgments."""
