"""Learned distortions: a bank of small denoising autoencoders, each with its own artefacts."""
