"""Numbers that states give to people and companies, in the forms of their countries and of nobody."""

# Of each country's form a part is fixed so that nobody has the number: in the United States the areas 900 to 999, in
# the United Kingdom the prefix QQ, which HMRC uses in examples, in Germany the pension area 00, in France a first
# digit that is neither 1 nor 2, in Spain U, which is no control letter, in Italy Z, which is no letter of a month.
# Brazil, the Netherlands and Japan have no such part: leading zeros make numbers that are below those in use. A Dutch
# one that is no key has its check digit.
PERSONS = {
    "US": "9##-##-####", "GB": "QQ######?", "DE": "00######?###", "FR": "0##############", "ES": "########U",
    "BR": "000.###.###-##", "NL": "000######", "IT": "??????##Z##?###?", "JP": "000000######",
}  # fmt: skip
COMPANIES = {
    "DE": "DE000######", "FR": "FR00000######", "ES": "ESX00######", "NL": "NL000######B00",
    "IT": "IT00000######", "GB": "GB000######", "BR": "00.###.###/0000-00", "US": "00-#######", "JP": "T0000#########",
}  # fmt: skip


def written(form: str, most: int | None) -> str:
    """The form, without what stands between its digits where the column has no room for it."""
    if most is None or len(form) <= most:
        return form
    return "".join(c for c in form if c in "#?" or c.isalnum())
