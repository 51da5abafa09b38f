"""Plans, from processes that may be killed."""
