"""The engine: executes a plan, row numbers in, Arrow batches out."""
