"""Prompts: what people say of the data they want, as overrides of a plan out of a closed vocabulary."""
