"""A query by hand for DuckDB, of the same words as ours.

Joins with tables of words are its fastest way to choose among them, half again as fast as indexing into lists. Three
things it is spared: postal codes are the place's own, phone numbers have two digits that vary, nothing is checked for
being unique (the row's number in the address makes it so). `hash(i * 64 + k)` keeps columns independent, where
`hash(i, k)` would not.
"""

import json
import sys
from pathlib import Path

import duckdb

_QUERY = """
with drawn as (
    select i, (hash(i * 64) % {first})::bigint f, (hash(i * 64 + 1) % {last})::bigint l,
        (hash(i * 64 + 2) % {place})::bigint p, (hash(i * 64 + 4) % {company})::bigint c,
        (hash(i * 64 + 5) % {company_kind})::bigint d, (hash(i * 64 + 10) % {company_form})::bigint o,
        (hash(i * 64 + 7) % {street})::bigint s
    from range(1, {rows} + 1) numbers(i)
)
select i as id, first.word as first_name, last.word as last_name,
    first.lower || '.' || last.lower || i || '@example.com' as email,
    place.phone || (10 + hash(i * 64 + 3) % 90) as phone,
    company.word || ' ' || company_kind.word || ' ' || company_form.word as company,
    (1 + hash(i * 64 + 6) % 9900) || ' ' || street.word as street, place.city as city, place.postal as postal_code,
    place.country as country_code, date '1945-01-01' + (hash(i * 64 + 8) % 23000)::int as birth_date,
    timestamp '2023-01-01' + to_microseconds((hash(i * 64 + 9) % 94608000000000)::bigint) as created_at
from drawn join first on first.k = f join last on last.k = l join place on place.k = p
    join company on company.k = c join company_kind on company_kind.k = d
    join company_form on company_form.k = o join street on street.k = s
"""


def main(rows: int, path: str, words_path: str) -> None:
    """Writes `rows` customers."""
    words = json.loads(Path(words_path).read_text(encoding="utf-8"))
    connection = duckdb.connect()
    connection.execute("set threads = 1")
    for name in ("first", "last", "company", "company_kind", "company_form", "street"):
        connection.execute(
            f"create table {name} as select k - 1 as k, word, lower(word) as lower "
            "from (select unnest($words) as word, generate_subscripts($words, 1) as k)",
            {"words": words[name]},
        )
    place = words["place"]
    connection.execute(
        "create table place as select generate_subscripts($city, 1) - 1 as k, unnest($city) as city, "
        "unnest($postal) as postal, unnest($country) as country, unnest($phone) as phone",
        place,
    )
    counts = {name: len(entries) for name, entries in words.items() if name != "place"}
    query = _QUERY.format(rows=rows, place=len(place["city"]), **counts)
    connection.execute(f"copy ({query}) to '{path}' (format csv, header)")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
