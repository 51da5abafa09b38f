"""Planning: from a schema snapshot and a request to a plan."""
