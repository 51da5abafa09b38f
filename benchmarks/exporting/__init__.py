"""The parts of the benchmark `export`: a whole service on this machine, and what is measured of it."""
