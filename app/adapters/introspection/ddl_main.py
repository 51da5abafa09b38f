"""The process that strangers' DDL is read in: `python -m app.adapters.introspection.ddl_main`.

`app.exports.orders` says how it is spoken to.

    {"ddl", "server_url", "name"}    {"warnings": [...]} and the snapshot's JSON

It knows the server for scratch databases, and nothing else. The database is dropped by whoever asked when this process
is killed in the middle of it.
"""

import sys
from collections.abc import Mapping
from typing import Any

from app.exports.orders import Answer, serve


def answer(order: Mapping[str, Any]) -> Answer:
    """The snapshot of what the DDL makes. Raises DdlRefused with every fault, DatabaseUnavailable."""
    from app.adapters.introspection.ddl import snapshot_from_ddl
    from app.generator.snapshot.form import canonical_json

    snapshot, warnings = snapshot_from_ddl(
        order["ddl"], server_url=order["server_url"], hostile=True, name=order["name"]
    )
    return {"warnings": warnings}, [canonical_json(snapshot)]


def _warm_up() -> None:
    """Loads what the first order would otherwise wait for."""
    import pglast.parser  # noqa: F401  # imported for the loading


if __name__ == "__main__":
    sys.exit(serve(answer, _warm_up))
