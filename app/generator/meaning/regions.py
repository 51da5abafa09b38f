"""Whether what is called a state is a part of an address, or how far something is."""

from app.generator.meaning.naming import raw_tokens, tokens
from app.generator.meaning.readings import Words
from app.generator.meaning.tables import entities_of
from app.generator.values.context import ColumnContext

_ON_THEIR_WAY = frozenset({"order", "ticket", "task", "project", "_workflow", "_payments"})
# Who or what lies in a state, rather than being in one.
_LIVE_SOMEWHERE = frozenset({"person", "company", "school", "store", "airport", "building", "hotel", "restaurant"})
# What has addresses that are no places.
_OF_A_NET = frozenset({"ip", "mac", "email", "web"})
_OF_A_PLACE = frozenset({"address", "city", "country", "birth", "origin", "destination", "home", "code"})
# What lies in a state of a country.
_LYING = frozenset(
    """shipping invoice delivery home work mailing birth issue issuing issued license plate origin destination from to
    ship billing customer company property legal residence arrival departure sender recipient person registration
    incorporation tax us permanent current present previous created address school employer store branch contact
    business office city hospital facility bank postal farm name full code region country hq location place employee
    host site registered created""".split()
)


def is_state_of_a_process(context: ColumnContext) -> bool:
    """Whether `dunning_state` and `estado_multa` are how far something is, and not a part of an address."""
    pieces = raw_tokens(context.column.name)
    leads = pieces[:1] in (("estado",), ("etat",), ("stato",))
    if len(pieces) < 2 or not (leads or pieces[-1] in ("state", "estado", "etat")):
        return False
    rest = pieces[1:] if leads else pieces[:-1]
    return not _LYING & set(tokens("_".join(rest))) and not beside_its_city(context)


def beside_its_city(context: ColumnContext) -> bool:
    """Whether the table has another part of the address that a column is of: billing_city beside billing_state."""
    pieces = raw_tokens(context.column.name)
    own, others = pieces[:-1], [raw_tokens(name) for name in context.siblings]
    return len(pieces) > 1 and any(
        other[:-1] == own and {"city", "street", "postal", "country", "address"} & set(tokens("_".join(other[-1:])))
        for other in others
    )


def is_state_of(words: Words, context: ColumnContext) -> bool:
    """Whether `estado_x` is the state that x is in, and not the one where it lies: nothing of an address is about."""
    pieces = raw_tokens(context.column.name)
    if len(pieces) < 2 or pieces[0] not in ("estado", "etat", "stato") or set(words) & _OF_A_PLACE:
        return False
    return not any({"city", "postal", "street", "district"} & set(tokens(other)) for other in context.siblings)


def is_state(name: str, context: ColumnContext) -> bool:
    """Whether a column called `state` is a status: nothing in the table is a part of an address."""
    if raw_tokens(name) not in (("state",), ("estado",), ("etat",), ("stato",)):
        return False
    if entities_of(context) & {"region", "city", "country", "_address"}:
        return False
    # The key of an address is not a part of one.
    named = (other for other in (*context.siblings, context.column.name) if other != name)
    others = [tokens(other) for other in named if raw_tokens(other)[-1:] not in (("id",), ("uuid",))]
    words = {word for other in others if not _OF_A_NET & set(other) for word in other}
    if "region" in words:
        return True  # The province is a part of the address already.
    signed_up = set(raw_tokens(context.table.name)) & {"user", "users", "account", "accounts", "member", "members"}
    # What has a reason is something that happens, though it be called after people: citas_medicas.
    if entities_of(context) & _LIVE_SOMEWHERE and not signed_up and "reason" not in words:
        return False
    if entities_of(context) & _ON_THEIR_WAY:  # An order has a state itself, though its address lies in one.
        return not words & {"city", "postal", "district"}
    if "status" in words:
        return False
    return not words & {"city", "postal", "street", "address", "country", "line", "district", "latitude", "season"}
