"""What the layers say to each other: operator calls, photographs, triplets, subsets."""
