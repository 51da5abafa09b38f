"""The page about generators and overrides, made from the code."""
