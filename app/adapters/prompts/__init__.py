"""Models that read prompts."""
