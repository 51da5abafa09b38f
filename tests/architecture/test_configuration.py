"""The published schema of seedbed.yaml is that of the generators there are."""

import json
from pathlib import Path

from app.commands import configuration


def test_the_schema_of_the_file_is_up_to_date() -> None:
    """It names every generator, option, format and locale; `make docs` writes it anew."""
    written = Path(configuration.__file__).with_name("seedbed.schema.json").read_text("utf-8")
    assert json.loads(json.dumps(configuration.configuration_schema())) == json.loads(written)
