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
        benchmark = import_module(f"benchmarks.{name}")
        figures = benchmark.measure()
        write(name, figures)
        if tell := getattr(benchmark, "tell", None):  # what else has to say what was measured
            tell(figures)
    print(table())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
