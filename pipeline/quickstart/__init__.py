"""The whole road on photographs inside scikit-image: networks, a dataset, a metric, and one page about all of it."""
