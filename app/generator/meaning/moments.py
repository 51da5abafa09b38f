"""Generators for dates and time stamps: what comes after what, how long after, and when there is none yet."""

from collections.abc import Callable, Sequence
from typing import Any

from app.generator.meaning.farming import is_farmed
from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.ordering import is_of_absence, is_of_hours
from app.generator.meaning.spoken import table_words
from app.generator.meaning.states import states_of
from app.generator.meaning.surroundings import Surroundings
from app.generator.meaning.texts import Chosen
from app.generator.values.state_words import meanings
from app.generator.values.statuses import states_after

_HOUR, _DAY = 3_600, 86_400

# The order of a row's life: a moment follows those of siblings with a lower rank.
_RANKS: dict[int, str] = {
    1: "founded established built",
    10: "hire since joined registered enrolled enrollment admission signup member employed",
    13: "signup",
    12: "created added inserted captured collected imported",
    21: "departure",
    20: "order placed requested booked invoice issued submitted opened start from effective "
        "purchase transaction application measured recorded observed occurred published_first first scheduled "
        "date began entry",
    22: "actual real",
    24: "value valuta",
    25: "period",
    27: "reported",
    30: "accepted confirmed approved verified activated assigned acknowledged reviewed signed",
    35: "paid charged payment settled authorized",
    40: "shipping dispatched sent published released processed packed uploaded launched",
    50: "delivery delivered received read arrival viewed clicked opened_email arrived graded answered replied",
    60: "completed end resolved closed termination done left finished graduated retired "
        "sold stopped died death discharged exit",
    58: "cancelled canceled",
    65: "returned return refund refunded deactivated blocked banned locked unsubscribed churned failed rejected "
        "declined dropped expired suspended paused discontinued revoked disabled withdrawn",
    70: "last seen login accessed used",
    80: "updated refreshed synced processed_at",
    90: "archived deleted purged",
}  # fmt: skip
_RANK_OF = {word: rank for rank, words in _RANKS.items() for word in words.split()}
_PLAIN_RANK = 20
_PAID_RANK = 35
_OVERDUE_RANK, _LAST_SENT = 60, 40
_LAST_ORIGIN = 12
_ORIGINS = frozenset({10, 12})
_HUNDRED, _GROWN = 100, 18
MOST_EARLIER = 6
_YEAR = 365 * _DAY
# Share of rows without the moment yet, where no status tells; words of the name, the first found decides.
_NULL_RATES = (
    ("deleted", 0.93), ("deactivated", 0.9), ("unsubscribed", 0.9), ("churned", 0.9),
    ("archived", 0.9), ("cancelled", 0.88), ("canceled", 0.88), ("refunded", 0.93),
    ("returned", 0.92), ("failed", 0.9), ("rejected", 0.9), ("suspended", 0.95), ("death", 0.95), ("died", 0.95),
    ("revoked", 0.9), ("disabled", 0.9), ("withdrawn", 0.9), ("discontinued", 0.88), ("sold", 0.6), ("retired", 0.9),
    ("termination", 0.8), ("banned", 0.97),
    ("dropped", 0.9), ("locked", 0.95), ("paused", 0.9), ("expired", 0.7), ("resolved", 0.4),
    ("discharged", 0.2), ("exit", 0.4),
    ("completed", 0.35), ("closed", 0.45), ("end", 0.4), ("delivery", 0.3), ("shipping", 0.25), ("paid", 0.25),
    ("published", 0.2), ("verified", 0.2), ("confirmed", 0.15), ("approved", 0.25), ("read", 0.35), ("expires", 0.25),
    ("last", 0.15), ("reminder", 0.5), ("next", 0.3), ("due", 0.1), ("sent", 0.15),
)  # fmt: skip
# What a moment's word says has been done.
_VERBS = {
    "ship": "shipped", "shipping": "shipped", "delivery": "delivered", "payment": "paid", "cancel": "cancelled",
    "completion": "completed", "approval": "approved", "end": "ended", "return": "returned", "refund": "refunded",
}  # fmt: skip
_SHORT = frozenset({"event", "flight", "appointment", "shift", "meeting", "session", "visit", "lesson", "run",
                    "job", "call", "trip", "ride", "match", "game", "class", "attempt", "execution", "termin",
                    "termine", "consultation", "lecture", "exam", "workout", "training"})  # fmt: skip
_STAYS = frozenset(
    """booking reservation stay rental trip loan leave absence holiday
    hire admission hospitalization vacation""".split()
)
_PLANNED = frozenset({"event", "appointment", "booking", "reservation", "flight", "meeting", "shift", "schedule",
                      "match", "class", "lesson", "conference", "session_slot", "showtime", "screening", "trip",
                      "departure", "calendar", "termin", "termine"})  # fmt: skip


# Tables of what is given for a while, most of which comes back.
_LENT = frozenset("loan loans rental lending ausleihe ausleihen verleih uitleen uitleningen borrowing checkout".split())
# What is planned rather than done, so that no state says whether it is there.
_SPANNING = frozenset(
    "start end period due expected beginn ende bis begin einde eind tot tm anfang start_am ab vanaf guarantee "
    "fin fine fim".split()
)
# What is done before any state is reached.
_AT_FIRST = frozenset({"submitted", "occurred", "reported", "opened", "purchase"})
# After which nobody is active.
_GONE = frozenset({"left", "termination", "terminated", "exit", "resigned", "dismissed", "churned"})
# What cannot have been before something else, which is known by these words of its name.
_NEEDED = {
    "delivery": frozenset({"shipping", "shipped", "dispatched", "sent"}),
    "delivered": frozenset({"shipping", "shipped", "dispatched", "sent"}),
    "opened": frozenset({"sent", "delivered"}),
    "clicked": frozenset({"opened", "sent"}),
    "read": frozenset({"sent", "delivered"}),
    "refunded": frozenset({"paid", "payment"}),
    "refund": frozenset({"paid", "payment"}),
    "completed": frozenset({"started", "start"}),
    "finished": frozenset({"started", "start"}),
}
# Who goes to school, and not to a university as well.
_PUPILS = frozenset("pupil schueler leerling leerlingen leerlingdossier schuelerstamm schoolchild".split())
# What is taken off where somebody pays soon.
_EARLY = ("skonto", "betalingskorting", "earlypay", "discount")
# Where children are who do not go to school yet.
_VERY_YOUNG = frozenset("creche nido asilo guarderia berceau bercario".split())
_CHILDREN = frozenset("enf enfant hijo hija nino nina filho filha crianca bambino figlio figlia".split())
_HARVESTED = frozenset("recolte recol cosecha recoleccion colheita colh raccolta racc".split())
_GUARANTEED = frozenset("gar garantie garantia garanzia".split())
# What nobody has at night.
_BY_DAY = frozenset("appointment meeting consultation lesson interview termin termine cita consulta afspraak".split())


def choose_moment(around: Surroundings) -> Chosen:
    """The generator of a column of dates or time stamps."""
    concept = around.concept.name
    words = around.words
    if concept == "birth_date":
        ages = _ages(around)
        seen = _seen_first(around) if ages.get("max_age", _HUNDRED) < _GROWN else None
        if seen is not None:  # A pet is born before it is registered.
            span = {"of": [seen], "before": True, "max_seconds": ages["max_age"] * _YEAR}
            return "later", {**span, **({"null_rate": 0.08} if around.nullable else {})}
        return "birth_date", ages
    if concept == "future" or _promises(around):
        return _future(around)
    rank = rank_of(words)
    born = around.any_sibling("birth_date")
    if born and set(words) & {"hire", "joined", "employed"}:
        # Nobody is hired as a child.
        grown = {"of": [born], "min_seconds": 18 * _YEAR + 5 * _DAY, "max_seconds": 40 * _YEAR}
        return "later", {**grown, **_when(around, words)}
    if born and any(piece.startswith("einschul") for piece in around.raw):
        started = {"of": [born], "min_seconds": int(5.9 * _YEAR), "max_seconds": int(6.9 * _YEAR)}
        return "later", {**started, **_when(around, words)}
    earlier = _earlier(around, rank)
    options = _when(around, words)
    if not earlier and rank == _PAID_RANK and (due := around.any_sibling("future")):
        return "later", {"of": [due], "min_seconds": 0, "max_seconds": 12 * _DAY, "before": True, **options}
    if not earlier:
        year = _year_of(around)
        return "timestamp", {**(year or _start(around)), **options}
    least, most = delay(around, rank)
    future = {"future": True} if (_planned(around) and 20 < rank < 70) or around.raw & _GUARANTEED else {}
    # What is planned begins at the quarter of an hour.
    coarse = {"precision": "quarter_hour"} if _planned(around) and _is_planned(around, words) else {}
    return "later", {"of": earlier, "min_seconds": least, "max_seconds": most, **future, **coarse, **options}


def _seen_first(around: Surroundings) -> str | None:
    """The moment at which the row came about."""
    return next((name for name in around.moments() if rank_of(around.said(name)) in _ORIGINS), None)


def _year_of(around: Surroundings) -> dict[str, Any]:
    """A column with the year of this date: `year`, or one of the same prefix."""
    if {"last", "next"} & set(around.words):
        return {}  # The last service is not of the year of manufacture.
    own = [word for word in raw_tokens(around.context.column.name) if word not in ("date", "at", "on", "time")]
    for name, ref in sorted(around.context.siblings.items()):
        pieces = raw_tokens(name)
        is_year = ref.name in ("int2", "int4") and pieces[-1:] in (("year",), ("jahr",), ("annee",))
        if is_year and not ref.array_dims and (len(pieces) == 1 or (own and list(pieces[:-1]) == own)):
            return {"year_of": name}
    return {}


def _paid_beside(around: Surroundings) -> bool:
    """Whether the row says when it has been paid, so that what is due is mostly of the past."""
    return "due" in around.words and any(
        rank_of(around.said(name)) == _PAID_RANK and around.concepts[name] != "future" for name in around.moments()
    )


def rank_of(words: tuple[str, ...]) -> int:
    """Where a name stands in the order of a row's life."""
    if (placed := next((word for word in words if word[0] == "@"), None)) is not None:
        return int(placed[1:])
    # That it is a date says little where something else does.
    telling = [word for word in words if word != "date"] or words
    found = [_RANK_OF[word] for word in telling if word in _RANK_OF]
    if "since" in words and {"due", "late", "inactive"} & set(words):
        return _OVERDUE_RANK
    if "check" in words:
        found += [20] if "in" in words else [60] if "out" in words else []
    return max(found, default=_PLAIN_RANK)


def _ages(around: Surroundings) -> dict[str, Any]:
    pieces = table_words(around)
    if pieces & _PUPILS:
        return {"min_age": 6, "max_age": 19}
    if pieces & {"student", "aluno", "alumno", "eleve", "etudiant", "estudiante", "estudante"}:
        return {"min_age": 6, "max_age": 26}
    if around.raw & _CHILDREN:
        return {"min_age": 3, "max_age": 16}
    if pieces & _VERY_YOUNG:
        return {"min_age": 0, "max_age": 5}
    if pieces & {"child", "kid"}:
        return {"min_age": 0, "max_age": 17}
    if pieces & {"pet", "animal"} or is_farmed(around):
        return {"min_age": 0, "max_age": 15}
    if pieces & {"employee", "staff", "mitarbeiter", "driver", "doctor", "teacher"}:
        return {"min_age": 19, "max_age": 66}
    return {}


def _promises(around: Surroundings) -> bool:
    """An end beside a start lies ahead for what runs on: trials, periods, subscriptions."""
    return "end" in around.words and bool(around.raw & {"trial", "period", "subscription", "warranty", "contract"})


def _earlier(around: Surroundings, rank: int) -> list[str]:
    """The siblings that come before, nearest rank first; at most six."""
    nearest = before(around, rank, around.moments(), around.said)
    # What a status hides leaves no moment to follow, so that the row's beginning is always among them.
    return nearest if len(nearest) <= MOST_EARLIER else [*nearest[: MOST_EARLIER - 2], *nearest[-2:]]


def before(around: Surroundings, rank: int, names: Sequence[str], said: Callable[[str], tuple[str, ...]]) -> list[str]:
    """Those of the columns that come before a rank, nearest first."""
    ranked = []
    for name in names:
        concept = around.concepts[name]
        words = said(name)
        if concept == "future" or (concept == "birth_date" and rank > 1):
            continue
        other = rank_of(words)
        # Of two that say how the row came about the first by name is the one that the other follows.
        same = other == rank <= _LAST_ORIGIN and name < around.context.column.name
        if same or (other < rank and (other != _PLAIN_RANK or rank > _PLAIN_RANK)):
            ranked.append((-other, name))
    return [name for _, name in sorted(ranked)]


# What goes on for months.
_LASTING = frozenset("employee contract project subscription membership campaign staff policy lease tenancy tenancie "
                     "enrollment account customer member".split())  # fmt: skip


def delay(around: Surroundings, rank: int) -> tuple[int, int]:
    """How many seconds at least and at most a moment of that rank comes after those before it."""
    if {"death", "died"} & set(around.words):
        return 100 * _DAY, 9_000 * _DAY
    if rank <= _LAST_ORIGIN + 1:
        return 0, _HOUR
    pieces = table_words(around)
    is_date = around.context.type.name == "date"
    if rank == 60 and around.raw & _GUARANTEED:
        return 364 * _DAY, 1_096 * _DAY
    if rank == 60 and around.raw & _HARVESTED:
        return 90 * _DAY, 240 * _DAY
    if is_of_hours(around.context.table.name) and not is_date and rank < 70:
        return 60, 4 * _HOUR
    if is_of_absence(around.context.table.name):
        return 0, 21 * _DAY
    if 60 <= rank < 65:
        if "discharged" in around.words:
            return _DAY, 12 * _DAY
        if is_date and set(around.words) & _GONE:
            return 60 * _DAY, 1_500 * _DAY
        if pieces & _SHORT and not is_date:
            return 1_800, 4 * _HOUR
        if pieces & _STAYS:
            return _DAY, 14 * _DAY
        if _is_long(around) or pieces & _LASTING:
            return 30 * _DAY, 500 * _DAY
        return (_DAY if is_date else 600), 20 * _DAY
    if rank == 65 and set(around.words) & {"discontinued", "deactivated", "churned"} and around.entities:
        return 60 * _DAY, 900 * _DAY
    if rank == 50 and not is_date and pieces & {"flight", "trip", "route", "journey"}:
        return _HOUR, 12 * _HOUR
    most = {20: 5, 24: 3, 30: 3, 35: 5, 40: 6, 50: 8, 65: 30, 70: 500, 80: 400, 90: 400}.get(rank, 30)
    return 0, most * _DAY


# What takes months, by what is written in a table's name.
_LONG_WORDS = ("project", "projekt", "bauvorhaben", "vertrag", "vertraege", "contract", "mietv", "tenanc", "konto",
               "konten", "rekening",
               "contrat", "projet", "proyecto", "progett", "alquiler", "alugue", "locac", "locazion", "mutu", "hipotec",
               "assurance", "poliza", "polizz", "apolice", "chantier", "emprunt")  # fmt: skip


def _is_long(around: Surroundings) -> bool:
    """Whether a table is of what takes months: bouwprojecten, mietvertraege."""
    table = "".join(raw_tokens(around.context.table.name))
    return any(word in table for word in _LONG_WORDS)


def _is_planned(around: Surroundings, words: tuple[str, ...]) -> bool:
    return around.context.type.name != "date" and bool({"start", "end", "scheduled", "from", "until"} & set(words))


def _planned(around: Surroundings) -> bool:
    return bool(table_words(around) & _PLANNED)


def _start(around: Surroundings) -> dict[str, Any]:
    words, raw = set(around.words), around.raw
    if "founded" in raw or "established" in raw:
        return {"days_ago": 60 * 365, "until_days_ago": 2 * 365}
    if _planned(around) and not words & {"created", "updated", "deleted", "order", "booked"}:
        by_day = {"pattern": {"office": True}} if table_words(around) & _BY_DAY else {}
        return {"days_ago": 365, "days_ahead": 180, "precision": "quarter_hour", **by_day}
    if words & {"hire", "since", "joined"} and rank_of(around.words) in _ORIGINS:
        return {"days_ago": 12 * 365}
    if around.entities & {"work"} and words & {"release", "released", "publication", "premiere"}:
        return {"days_ago": 40 * 365}
    # A created_at leaves room for what follows it.
    return {}


# What is renewed again and again, however long ago the row began.
_RENEWED = frozenset(
    {"license", "licence", "insurance", "passport", "visa", "certificate", "inspection", "registration"}
)


def _future(around: Surroundings) -> Chosen:
    words, raw = set(around.words), around.raw
    options = _when(around, around.words)
    if (words | raw) & _RENEWED:
        return "timestamp", {"days_ago": 90, "days_ahead": 900, **options}
    starts = _starts_of(around)
    if not starts and _paid_beside(around):
        return "timestamp", {"days_ago": 700, "days_ahead": 10, **options}
    if not starts:
        return "timestamp", {"days_ago": 60, "days_ahead": 400, **options}
    if is_of_absence(around.context.table.name) and words & {"end", "to", "until"}:
        least, most = 0, 21 * _DAY
    elif any(piece.startswith("leas") for piece in raw):
        least, most = 700 * _DAY, 1_500 * _DAY
    elif raw & {"token", "session", "otp", "code"} or {"session", "token"} & table_words(around):
        least, most = _HOUR, 30 * _DAY
    elif any(piece.startswith(_EARLY) for piece in raw):
        least, most = 7 * _DAY, 12 * _DAY
    elif "next" in words | raw:
        least, most = 90 * _DAY, 400 * _DAY
    elif _is_long(around) and words & {"expected", "estimated", "planned", "target", "end"}:
        least, most = 90 * _DAY, 600 * _DAY
    elif words & {"due", "required", "expected", "estimated", "planned", "promised", "deadline"}:
        least, most = 7 * _DAY, 45 * _DAY
    elif "trial" in raw:
        least, most = 14 * _DAY, 30 * _DAY
    elif "period" in raw:
        least, most = 28 * _DAY, 31 * _DAY
    else:
        least, most = 30 * _DAY, 730 * _DAY
    return "later", {"of": starts, "min_seconds": least, "max_seconds": most, "future": True, **options}


def _starts_of(around: Surroundings) -> list[str]:
    """The sibling from which a deadline counts: the start of the same thing, or how the row came about."""
    own = set(around.words) - {"end", "until", "to", "expires", "due", "date", "at", "on", "valid", "current"}
    found = []
    for name in around.moments():
        concept, words = around.concepts[name], around.said(name)
        rank = rank_of(words)
        if (
            concept not in ("future", "birth_date")
            and (rank <= _PLAIN_RANK or "start" in words or (words[-1:] and words[-1][0] == "@" and rank <= _LAST_SENT))
            and "updated" not in words
        ):
            shared = len(own & set(words)) + len({"start", "from", "valid"} & set(words))
            named = any(word in _RANK_OF for word in words)
            told = {word for word in words if word[0] != "@"}
            alien = len(told - own - {"start", "from", "valid", "at", "on", "date"})
            found.append((-shared, not named, alien, -rank, name))
    if not found:
        return []
    base = min(found)
    # What came before it stands in where the base is null.
    return [base[4], *sorted(name for *_, rank, name in found if -rank < -base[3])][:3]


def _when(around: Surroundings, words: tuple[str, ...]) -> dict[str, Any]:
    """The rule by which a nullable moment is there or not: a flag, a status, or a share."""
    if not around.nullable:
        return {}
    flag = _flag_for(around, words)
    if flag is not None:
        return {"when": {"column": flag, "words": []}}
    if "deactivated" in words and (active := _flag_named(around, {"active"}) or _flag_named(around, {"enabled"})):
        return {"when": {"column": active, "words": [], "not": True}}
    if set(words) & _GONE and (active := _flag_named(around, {"active"})):
        return {"when": {"column": active, "words": [], "not": True}}
    if "person" in around.entities and {"departure", "exit"} & set(words):
        return {"null_rate": 0.8}
    status = around.status() if _AT_FIRST.isdisjoint(words) else None
    planned = _planned(around) and {"start", "end"} & set(words)
    if status is not None and not planned and not around.raw & _SPANNING:
        states = _states_of(around, status, (*sorted(around.raw), *sorted(set(words) - around.raw)))
        if states:
            return {"when": {"column": status, "words": states}}
    if "returned" in words and table_words(around) & _LENT:
        return {"null_rate": 0.3}
    known = set(words) | around.raw if not planned else set()  # Whoever plans a beginning plans an end.
    if "closed" in known and "account" in table_words(around):
        return {"null_rate": 0.85}
    rate = next((rate for word, rate in _NULL_RATES if word in known), 0.02)
    before = _needed_before(around, words)
    return {"null_rate": rate, **({"when": {"column": before, "words": []}} if before is not None else {})}


def _states_of(around: Surroundings, status: str, pieces: Sequence[str]) -> list[str]:
    """The states in which a moment with these words in its name has come; none where no state says so.

    Where nothing says which states there are, they are those that the column will have by itself, and those that
    somebody else may give it.
    """
    labels = around.enum_labels(status)
    # A piece that is a state by itself means that one, whatever else it may mean.
    stated = [state for piece in pieces if piece in (labels or ()) for state in meanings(piece)]
    verbs = [*stated, *(_VERBS.get(piece, piece) for piece in pieces)]
    if labels:
        return next((list(found) for verb in verbs if (found := states_after(verb, labels))), [])
    own = states_of(around, around.said(status))
    verb = next((verb for known in (own, None) for verb in verbs if states_after(verb, known)), None)
    return [] if verb is None else list(dict.fromkeys((*states_after(verb, own), *states_after(verb, None))))


def _needed_before(around: Surroundings, words: tuple[str, ...]) -> str | None:
    """A moment of the row without which this one cannot have come: shipped, before delivered."""
    needed = next((_NEEDED[word] for word in words if word in _NEEDED), frozenset())
    found = (name for name in around.moments() if needed & {*around.said(name), *raw_tokens(name)})
    return next((name for name in found if around.concepts[name] != "future"), None)


def _flag_for(around: Surroundings, words: tuple[str, ...]) -> str | None:
    """A sibling of booleans about the same: completed beside completed_at, is_deleted beside deleted_at."""
    core = {word for word in words if word[0] != "@"} - {"at", "on", "date", "time", "timestamp", "by"}
    return _flag_named(around, core) if core else None


def _flag_named(around: Surroundings, wanted: set[str]) -> str | None:
    for name, ref in sorted(around.context.siblings.items()):
        if (
            ref.name == "bool"
            and not ref.array_dims
            and set(around.said(name)) - {"is", "has", "was", "been"} == wanted
        ):
            return name
    return None
