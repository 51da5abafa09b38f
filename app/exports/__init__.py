"""The domain: states, use cases, ports. It knows no framework and no database."""
