"""The loop that most projects have: Faker, and Python's csv."""

import csv
import sys

from faker import Faker


def main(rows: int, path: str) -> None:
    """Writes `rows` customers."""
    Faker.seed(7)
    fake = Faker("en_US")
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            "id first_name last_name email phone company street city postal_code country_code birth_date "
            "created_at".split()
        )
        for row in range(1, rows + 1):
            first, last = fake.first_name(), fake.last_name()
            writer.writerow(
                (
                    row,
                    first,
                    last,
                    f"{first}.{last}{row}@example.com".lower(),
                    fake.phone_number(),
                    fake.company(),
                    fake.street_address(),
                    fake.city(),
                    fake.postcode(),
                    fake.country_code(),
                    fake.date_of_birth(minimum_age=18, maximum_age=90),
                    fake.date_time_between("-3y"),
                )
            )


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
