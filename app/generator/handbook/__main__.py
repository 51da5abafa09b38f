"""`python -m app.generator.handbook FOLDER` writes the pages."""

import sys
from pathlib import Path

from app.generator.handbook.distributions import FOLDER, distributions_page, pictures
from app.generator.handbook.page import page
from app.generator.handbook.types_page import types_page

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    (folder / "generators.md").write_text(page(), encoding="utf-8")
    (folder / "types.md").write_text(types_page(), encoding="utf-8")
    (folder / "distributions.md").write_text(distributions_page(), encoding="utf-8")
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, picture in pictures().items():
        (folder / FOLDER / name).write_text(picture, encoding="utf-8")
