"""Shapes as a stand-in for PostGIS takes them: one number each."""

from app.adapters.introspection.stand_ins import encode_shapes


def test_an_srid_that_only_whoever_runs_the_file_knows_is_an_unknown_one() -> None:
    """psql's variables are often given on its command line, so that the file has none of their values."""
    known = encode_shapes("add at geometry('POINT', 2056)")
    assert encode_shapes("add at geometry('POINT', srid)") == encode_shapes("add at geometry(Point)") != known
    assert encode_shapes("add at geometry(Point, -1)") == encode_shapes("add at geometry(Point)")
