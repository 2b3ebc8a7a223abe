"""What a person sees in the browser: the page, its scripts and style, and the texts a laboratory can replace."""
