"""The schema snapshot: model, JSON form and validation."""
