"""Postal addresses as JSON: street, city, postal code and country of one place."""

import pyarrow as pa

from app.generator.keys import Rows
from app.generator.values.context import ColumnContext
from app.generator.values.generator import Generator, Indexed, Siblings
from app.generator.values.places import Place, PlacePatterns
from app.generator.values.streets import Streets
from app.generator.values.strings import gather, join


class JsonAddresses(Indexed):
    """{"street": "12 Oak Lane", "city": "Tampa", "postal_code": "33612", "country": "US"}"""

    arrow_type = pa.string()
    longest, shortest = 400, 60

    def __init__(self, streets: Generator, place: Place) -> None:
        self._streets, self._place = streets, place
        self._codes = PlacePatterns(place, tuple(place.table["postal"].to_pylist()), None)
        self.capacity, self.block = streets.capacity or 1, streets.block or 1

    def at(self, index: Rows) -> pa.Array:
        """The address in the street number `index`."""
        return self._text(self._streets.at(index), index, 0, 0)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """An address of the row's place."""
        return self._text(self._streets.draw(key, rows, siblings, salt), rows, key, salt)

    def _text(self, street: pa.Array, rows: Rows, key: int, salt: int) -> pa.Array:
        place = self._place.of(rows, salt)
        city, country = (gather(self._place.table[name], place) for name in ("city", "country_code"))
        code = self._codes.draw(key, rows, {}, salt)
        head = join('{"street": "', street, '", "city": "', city)
        return join(head, '", "postal_code": "', code, '", "country": "', country, '"}')


def json_addresses(context: ColumnContext) -> Generator:
    """Addresses of the locale."""
    return JsonAddresses(Streets(context.locale, None, "line"), Place(context, {}))
