"""`python -m benchmarks [NAME…]`: runs the benchmarks, or those named, writes their results and prints the table."""

import sys
from importlib import import_module

from benchmarks.figures import RESULTS, table, write

_PARTS = ("__init__", "__main__", "figures", "processes")
NAMES = tuple(sorted(path.stem for path in RESULTS.parent.glob("*.py") if path.stem not in _PARTS))


def main(names: list[str]) -> int:
    """Runs the benchmarks of these names; without names, all."""
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        print(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    for name in names or NAMES:
        print(f"measuring {name}", file=sys.stderr)
        write(name, import_module(f"benchmarks.{name}").measure())
    print(table())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
