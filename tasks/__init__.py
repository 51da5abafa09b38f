"""The worker. `procrastinate --app=tasks.app worker` looks for an attribute `app` of this package: the one below."""

from tasks.app import app

__all__ = ["app"]
