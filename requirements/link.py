"""Makes the checkout importable in its `.venv` and puts the `seedbed` command there, without network or build.

An editable install does the same by way of a build backend that would have to be downloaded first.
"""

import sys
import sysconfig
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent

# The shell finds the interpreter: a "#!" line is cut at 127 bytes and at the first blank, and checkouts lie anywhere.
COMMAND = """\
#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
from app.cli import command

if __name__ == "__main__":
    command()
"""


def main() -> int:
    """Writes both files below the running interpreter's environment."""
    if sys.prefix == sys.base_prefix:
        print("run this with the interpreter of a virtual environment", file=sys.stderr)
        return 2
    Path(sysconfig.get_path("purelib"), "seedbed.pth").write_text(f"{CHECKOUT}\n", encoding="utf-8")
    scripts = Path(sysconfig.get_path("scripts"))
    command = scripts / "seedbed"
    command.write_text(COMMAND.format(python=scripts / "python"), encoding="utf-8")
    command.chmod(0o755)
    return 0


if __name__ == "__main__":
    sys.exit(main())
