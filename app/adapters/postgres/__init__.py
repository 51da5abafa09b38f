"""Postgres: the ledger, the queue and the event bus."""
