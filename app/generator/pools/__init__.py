"""Versioned pools of words, names, places and the like, frozen per locale, loaded when asked for."""

from app.generator.pools.library import LOCALES, has_pool, pool, resolve_locale, table

__all__ = ["LOCALES", "has_pool", "pool", "resolve_locale", "table"]
