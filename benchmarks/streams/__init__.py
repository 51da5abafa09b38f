"""What `benchmarks.sse` is made of: subscribers, a server to compare with, and what writes events."""
