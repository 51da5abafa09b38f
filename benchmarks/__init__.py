"""Benchmarks: scripts whose results are committed beside them. `make bench` runs them and prints one table."""
