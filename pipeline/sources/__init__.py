"""Find, decode and index photographs, and divide them between train and val."""
