"""The digests of what some plans make, by schema and format.

`python -m tests.golden.digests` prints them; with `--write` they are written to `digests.json`, which takes another
engine version than the one that is there, or the word `--same-version` before a release has made it binding.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from app.generator import ENGINE_VERSION, GeneratorConfig, Plan, make_plan
from app.generator.formats.registry import FORMATS
from app.generator.layout import COMPRESSIONS, Output, render_all
from app.generator.snapshot.form import snapshot_from_json

FOLDER = Path(__file__).parent
KEPT = FOLDER / "digests.json"
SCHEMAS = tuple(sorted(path.stem for path in (FOLDER / "snapshots").glob("*.json")))
ROWS, SEED = 60, "golden"
# A chunk that divides nothing.
_CHUNK_ROWS = 37


def plan_of(schema: str, *, locale: str = "en_US") -> Plan:
    """The plan of one of the kept snapshots."""
    snapshot = snapshot_from_json(json.loads((FOLDER / "snapshots" / f"{schema}.json").read_text("utf-8")))
    return make_plan(snapshot, GeneratorConfig(rows=ROWS, locale=locale), SEED)


def outputs() -> list[Output]:
    """Every format as it is, and CSV in every compression."""
    return [Output(form) for form in FORMATS] + [Output("copy", compression) for compression in COMPRESSIONS]


def digest(plan: Plan, output: Output, chunk_rows: int = _CHUNK_ROWS) -> str:
    """SHA-256 of a file's bytes, in hex."""
    whole = hashlib.sha256()
    for piece in render_all(plan, output, chunk_rows):
        whole.update(piece)
    return whole.hexdigest()


def digests(schemas: Iterable[str] = SCHEMAS, forms: Iterable[Output] | None = None) -> dict[str, dict[str, str]]:
    """Schema -> format, with its compression -> digest."""
    wanted = list(forms) if forms is not None else outputs()
    found = {}
    for schema in schemas:
        plan = plan_of(schema)
        found[schema] = {_name(output): digest(plan, output) for output in wanted}
    return found


def _name(output: Output) -> str:
    return output.format if output.compression is None else f"{output.format}.{output.compression}"


def kept() -> tuple[int, dict[str, dict[str, str]]]:
    """The engine version and the digests that are committed."""
    content = json.loads(KEPT.read_text("utf-8"))
    return content["engineVersion"], content["digests"]


def main(arguments: list[str]) -> int:
    """Prints or writes."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden.digests")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--same-version", action="store_true")
    parser.add_argument("--formats", nargs="*")
    given = parser.parse_args(arguments)
    found = digests(forms=[Output(name) for name in given.formats] if given.formats else None)
    if not given.write:
        print(json.dumps(found, indent=2))
        return 0
    if KEPT.exists() and kept() != (ENGINE_VERSION, found) and kept()[0] == ENGINE_VERSION and not given.same_version:
        print(f"the bytes of engine version {ENGINE_VERSION} have changed: raise ENGINE_VERSION first", file=sys.stderr)
        return 1
    text = json.dumps({"engineVersion": ENGINE_VERSION, "rows": ROWS, "seed": SEED, "digests": found}, indent=2)
    KEPT.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
