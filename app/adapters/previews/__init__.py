"""First rows and figures of a plan, from a process that may be killed."""
