"""The parts of the benchmark `scaleout`: workers that are some way from their Postgres, and what they come to."""
