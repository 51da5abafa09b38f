"""Structured logs: one JSON object a line (or coloured lines for people), on standard error.

`bind(request_id=…, export_id=…)` adds facts to every line that is logged in the same task or thread. Whatever is
logged, by us or by a library, passes `app.redaction` before it is written: tokens, keys and passwords are not
in logs even when somebody logs an exception that holds them.
"""

import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import structlog
from structlog.types import Processor

from app.redaction import Redaction

_QUIET_LIBRARIES = (
    "httpx",
    "httpcore",
    "botocore",
    "boto3",
    "s3transfer",
    "urllib3",
    "asyncio",
    "hpack",
    "uvicorn.access",
    # It tells of every job what our own lines tell, at length.
    "procrastinate.blueprints",
    "procrastinate.jobs",
    "procrastinate.periodic",
    "procrastinate.worker",
)


def configure_logging(
    *, log_format: str = "json", level: str = "INFO", secrets: Iterable[str] = (), stream: IO[str] | None = None
) -> None:
    """Sends structlog's and the standard library's records through the same processors.

    Called once by each entry point; calling it again replaces what was there. `secrets` are values that are hidden
    wherever they turn up.
    """
    target = stream if stream is not None else sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    redact = Redaction(secrets)
    if log_format == "json":
        # The traceback becomes text before redaction, since a message inside it may quote a secret.
        last += [structlog.processors.format_exc_info, redact, structlog.processors.JSONRenderer(default=str)]
    else:
        colors = target.isatty()
        last += [structlog.processors.format_exc_info, redact, structlog.dev.ConsoleRenderer(colors=colors)]

    handler = logging.StreamHandler(target)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "procrastinate", "alembic"):
        # Their own handlers would print a second, unredacted line.
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True

    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; `log.info("export_completed", export_id=…, rows=…)`: an event name and facts, no sentences."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


@contextmanager
def bind(**facts: Any) -> Iterator[None]:
    """Adds `facts` (request_id, export_id, …) to each line logged inside, in this task or thread."""
    with structlog.contextvars.bound_contextvars(**{name: fact for name, fact in facts.items() if fact is not None}):
        yield


def bound(name: str) -> Any:
    """The fact bound under `name`, or None."""
    return structlog.contextvars.get_contextvars().get(name)
