"""The Hugging Face Hub: repositories that hold a dataset or a metric."""
