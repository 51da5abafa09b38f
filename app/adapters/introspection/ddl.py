"""From DDL to a snapshot: loaded into a scratch database and read from its catalogues."""

from app.adapters.introspection.catalog import read
from app.adapters.introspection.scratch import ScratchDatabase
from app.generator.snapshot.model import Snapshot


def snapshot_from_ddl(
    ddl: str, *, server_url: str | None = None, hostile: bool = False, name: str | None = None
) -> tuple[Snapshot, list[str]]:
    """The snapshot of what the DDL makes, and warnings about what was left out of it.

    With `hostile` the DDL is somebody else's: it passes the gate and runs as an unprivileged role with limits.
    Without `server_url` an embedded server is started for it; `name` is the scratch database's. Raises
    DdlRefused with every fault.
    """
    with ScratchDatabase(server_url, name) as scratch:
        if hostile:
            scratch.load_hostile(ddl)
        else:
            scratch.load(ddl)
        with scratch.connect() as connection:
            reading = read(connection)
        return reading.snapshot, [*scratch.warnings, *reading.warnings]
