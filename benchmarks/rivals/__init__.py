"""Other ways to make the same table: each a program of its own, run as `python FILE ROWS OUT [WORDS]`."""
