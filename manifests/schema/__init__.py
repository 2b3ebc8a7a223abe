"""Data that all layers share: operator calls, photographs, triplets, labellings, paths of subsets."""
