"""Encoders: Arrow record batches in, bytes out, pure and the same on every machine."""
