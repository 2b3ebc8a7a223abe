"""Train banks of networks that distort images."""
