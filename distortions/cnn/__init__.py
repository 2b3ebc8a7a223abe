"""Learned distortions: a bank of small denoising autoencoders, each with artefacts of its own."""
