"""`seedbed serve`: the API, as settings in the environment say."""

import argparse
import asyncio
import os


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("--host", metavar="ADDRESS", help="instead of HOST (default: 127.0.0.1)")
    parser.add_argument("--port", metavar="N", type=int, help="instead of PORT (default: 8000)")
    parser.epilog = "Workers are processes of their own: procrastinate --app=tasks.app worker"


def run(args: argparse.Namespace) -> int:
    """Serves until SIGTERM or Ctrl-C."""
    from app.logging import configure_logging
    from app.settings import Settings
    from app.tracing import tracing

    environ = dict(os.environ)
    if args.host:
        environ["HOST"] = args.host
    if args.port:
        environ["PORT"] = str(args.port)
    settings = Settings.from_env(environ)
    configure_logging(log_format=settings.log_format, level=settings.log_level, secrets=settings.secrets())
    import uvloop

    from app.main import serve

    # Which proxies' word for the client's address and scheme is taken.
    trusted = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
    with tracing("seedbed-api"), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return 0 if runner.run(serve(settings, forwarded_allow_ips=trusted)) else 1
