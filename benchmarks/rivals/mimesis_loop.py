"""Mimesis with its providers looked up once, and Python's csv."""

import csv
import sys

from mimesis import Address, Datetime, Finance, Person
from mimesis.locales import Locale


def main(rows: int, path: str) -> None:
    """Writes `rows` customers."""
    person, address = Person(Locale.EN, seed=7), Address(Locale.EN, seed=7)
    finance, moment = Finance(Locale.EN, seed=7), Datetime(Locale.EN, seed=7)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            "id first_name last_name email phone company street city postal_code country_code birth_date "
            "created_at".split()
        )
        for row in range(1, rows + 1):
            first, last = person.first_name(), person.last_name()
            writer.writerow(
                (
                    row,
                    first,
                    last,
                    f"{first}.{last}{row}@example.com".lower(),
                    person.telephone(),
                    finance.company(),
                    address.address(),
                    address.city(),
                    address.postal_code(),
                    address.country_code(),
                    person.birthdate(),
                    moment.datetime(start=2023, end=2025),
                )
            )


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
