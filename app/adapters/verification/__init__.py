"""The judge: generated rows loaded into Postgres with every constraint on, or into a database of the user's."""
