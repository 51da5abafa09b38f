"""The HTTP edge: requests in, answers and problems out. It decides nothing; it asks the domain."""
