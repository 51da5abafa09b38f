"""The outside world: Postgres, object stores, mail, webhooks."""
