"""Read sets of people's scores of distorted images (mean opinion scores), one layout a file."""
