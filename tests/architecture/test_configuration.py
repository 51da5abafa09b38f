"""The published schema of seedbed.yaml is that of the generators there are."""

import json

from app.commands.configuration import built_schema, configuration_schema


def test_the_schema_of_the_file_is_up_to_date() -> None:
    """It names every generator, option, format and locale; `make docs` writes it anew."""
    assert json.loads(json.dumps(built_schema())) == configuration_schema()
