"""People judge in a browser: what is asked, the server and its pages, quality of votes, and what to ask next."""
