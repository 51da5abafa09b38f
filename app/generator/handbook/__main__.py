"""`python -m app.generator.handbook FILE` writes the page."""

import sys
from pathlib import Path

from app.generator.handbook.page import page

if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
