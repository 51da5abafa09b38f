"""A column with what its table says about it: words, entities, siblings by concept, the role it plays."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from app.generator.meaning.concepts import Concept, is_dated, recognise
from app.generator.meaning.languages import bare_name, language_of
from app.generator.meaning.naming import raw_tokens, singular, tokens
from app.generator.meaning.ordering import place_of
from app.generator.meaning.rules import first_concept
from app.generator.meaning.shortened import expanded
from app.generator.meaning.siblings import sibling_concept
from app.generator.meaning.tables import entities_of, names_of
from app.generator.meaning.told import told, told_of_amounts
from app.generator.meaning.verbs import amount_of, done_at
from app.generator.snapshot.model import EnumType, QName
from app.generator.values.context import ColumnContext
from app.generator.values.kinds import MOMENT_TYPES, NUMBER_TYPES, TEXT_TYPES

# Words before a name or an address that say whose it is: billing_city, mother_name, from_country.
_ROLES = frozenset(
    """shipping invoice delivery home work business office origin destination departure arrival pickup dropoff from to
    emergency mother father spouse partner parent guardian manager supervisor author editor sender recipient receiver
    billing ship bill source target old new previous current legal mailing permanent temporary alternate secondary
    second buyer seller owner tenant landlord employer school birth assignee reporter approver creator contact
    host guest driver passenger customer client company supplier vendor emergency reviewer teacher instructor student
    patient doctor agent broker referrer witness signer beneficiary sponsor coach referee""".split()
)
# People of other languages beside whom a row is about.
_OTHERS = frozenset(
    """responsavel responsable tutor tutora fiador fiadora avalista acompanhante acompanante encarregado voogd garante
    mutter vater moeder vader madre padre mere pere mae pai ehefrau ehemann ehepartner verzorger ouder
    erziehungsberechtigter erziehungsberechtigte vormund ansprechpartner contactpersoon referente garant""".split()
)
# Whose or what's state is not the row's own.
_STATES_OF_OTHERS = frozenset("visa lunch kyc tax filing marital insurance vaccination immunization military".split())
# Tables of people who stay somewhere, and when they do.
# Under this the words of a table's columns are noted.
_SAID = "said"
_STAYS = frozenset({"stay", "hotel", "guest", "accommodation", "reservation", "berth", "mooring", "havenbezoeken"})
_ARRIVING = frozenset({"arrival", "departure"})
_ENTERING = frozenset({"entry", "exit"})
# Languages in which an alta is when somebody may leave a hospital, and elsewhere when something is entered.
_DISCHARGED = frozenset({"es", "pt"})
# What a number is that is no amount, whatever its name shares with one.
_NO_AMOUNTS = frozenset({"duration", "percentage", "day", "month", "year", "level", "code", "flag_number"})

# The same as people shorten them where they stand first.
_SHORT_ROLES = {
    "re": "invoice", "rg": "invoice", "rech": "invoice", "rechn": "invoice", "fact": "invoice", "li": "delivery",
    "lief": "delivery", "liefer": "delivery", "afl": "delivery", "lev": "delivery", "bezorg": "delivery",
    "shp": "shipping", "bil": "billing", "bll": "billing",
}  # fmt: skip


# Whose or what's it is in names that put the noun first, cut and whole: pob_orig, com_nasc, cp_liv.
_CUT_ROLES = {
    piece: role
    for role, pieces in {
        "origin": "orig origen origem origine ori provenance procedencia",
        "destination": "dest destino destinazione destination",
        "birth": "nac nasc nais naiss naissance nacimiento nascimento nascita",
        "departure": "depart partenza partida",
        "arrival": "arrivee llegada chegada arrivo",
        "delivery": "liv livr livraison entrega consegna",
        "invoice": "fact facturation facturacion fatturazione faturamento cobranca",
        "pickup": "coleta carga carico chargement enlevement recogida",
        "dropoff": "descarga scarico dechargement",
    }.items()
    for piece in pieces.split()
}
# From where and to where goods go, as German and Dutch write it onto a place, and such places.
_WAYS = (
    ("laad", "origin"), ("los", "destination"), ("belade", "origin"), ("lade", "origin"), ("entlade", "destination"),
    ("abhol", "pickup"), ("ophaal", "pickup"), ("vertrek", "departure"), ("aankomst", "arrival"),
    ("start", "departure"),
    ("ziel", "arrival"), ("abgangs", "departure"), ("afhaal", "pickup"), ("zustell", "dropoff"), ("aflever", "dropoff"),
)  # fmt: skip
_PLACE_ENDS = ("plaats", "plts", "ort", "adres", "adresse", "adr", "plz", "postcode", "pc", "stad", "stadt", "land",
               "strasse", "straat")  # fmt: skip


@dataclass(frozen=True)
class Surroundings:
    """A column and its table, read once for all the questions that a choice asks."""

    context: ColumnContext

    @cached_property
    def concept(self) -> Concept:
        """What the column is about."""
        return recognise(self.context)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The name in canonical words; of a moment also what has been done."""
        words, context = self.concept.words, self.context
        if context.type.name in MOMENT_TYPES:
            done = done_at(context.column.name, self.language, told(context.column.name, words))
            said = (*self._staying(done), *self._place(context.column.name))
            # What goes a way is delivered rather than deleted.
            goes = "deleted" in said and "del" in self.raw and self.entities & {"_travel", "order"}
            return tuple("delivery" if word == "deleted" else word for word in said) if goes else said
        if context.type.name not in NUMBER_TYPES:
            return words
        return amount_of(context.column.name, self.language, told_of_amounts(context.column.name, words))

    def said(self, name: str) -> tuple[str, ...]:
        """The words of a sibling's name as its table's language has them; of a moment also what has been done."""
        context = self.context
        kind = context.siblings[name].name
        # Noted: every column of a table asks for the words of all the others.
        known = context.notes.setdefault(_SAID, {})
        words: tuple[str, ...] | None = known.get(name)
        if words is None:
            words = _lengthened(tokens(bare_name(name, context.table.name, names_of(context))))
            if kind in MOMENT_TYPES:
                words = done_at(name, self.language, told(name, words))
            elif kind in NUMBER_TYPES:
                words = amount_of(name, self.language, told_of_amounts(name, words))
            known[name] = words
        return (*self._staying(words), *self._place(name)) if kind in MOMENT_TYPES else words

    def said_as_moment(self, name: str) -> tuple[str, ...]:
        """The words of a column's name as they would be of a moment, whatever its type."""
        context = self.context
        words = _lengthened(tokens(bare_name(name, context.table.name, names_of(context))))
        words = done_at(name, self.language, told(name, words))
        return (*self._staying(words), *self._place(name))

    def _place(self, name: str) -> tuple[str, ...]:
        """When a moment is in the life of its row, as a word: `@32`."""
        place = place_of(name, self.language, self.context.table.name)
        return () if place is None else (f"@{place}",)

    @cached_property
    def raw(self) -> frozenset[str]:
        """The pieces of the name as they are written."""
        return frozenset(raw_tokens(self.context.column.name))

    @cached_property
    def entities(self) -> frozenset[str]:
        """What the table is about."""
        return entities_of(self.context)

    @cached_property
    def concepts(self) -> dict[str, str | None]:
        """The concept of each sibling, by its name."""
        names = names_of(self.context)
        found = {name: sibling_concept(name, self.context, names) for name in self.context.siblings}
        return {name: _part_of_name(name, concept, found) for name, concept in found.items()}

    @cached_property
    def role(self) -> str:
        """Whose the column is: the first word that names a role, where it is not all there is."""
        return self.role_for(self.context.column.name)

    def role_for(self, name: str) -> str:
        """Whose a column of the table is; "" for whom the table itself is about: cust_city in cust_mast."""
        role = role_of(name)
        return "" if role and self._about == role else role

    @cached_property
    def _about(self) -> str | None:
        """The one role that the table's name is a word for."""
        table = self.context.table.name
        found = _ROLES & {*tokens(table), *map(singular, raw_tokens(table))}
        return next(iter(found)) if len(found) == 1 else None

    @cached_property
    def _is_of_stays(self) -> bool:
        """Whether people arrive to stay, rather than to have been on their way."""
        named = set(tokens(self.context.table.name)) & _STAYS
        calling = "portcall" in "".join(raw_tokens(self.context.table.name))
        return bool(named) or calling or any("night" in tokens(name) for name in names_of(self.context))

    @property
    def language(self) -> str | None:
        """The language that the table's columns are named in; None where they do not tell."""
        return language_of(names_of(self.context), self.context.table.name)

    @property
    def nullable(self) -> bool:
        """Whether the column may be null."""
        return self.context.column.nullable and self.context.domain.nullable

    def sibling(self, *concepts: str, role: str | None = None) -> str | None:
        """A sibling of one of those concepts that plays the same role; the earlier concept wins."""
        wanted = self.role if role is None else role
        for concept in concepts:
            for name in self._scalars:
                if self.concepts[name] == concept and self.role_for(name) == wanted:
                    return name
        return None

    def any_sibling(self, *concepts: str) -> str | None:
        """A sibling of one of those concepts, whatever its role."""
        for concept in concepts:
            for name in self._scalars:
                if self.concepts[name] == concept:
                    return name
        return None

    def _staying(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The words of a moment; who stays somewhere begins by arriving and ends by leaving, who is ill is admitted."""
        if not _ENTERING.isdisjoint(words) and ("_medical" in self.entities or self._is_of_stays):
            ill = "_medical" in self.entities
            entering = {"entry": "admission" if ill else "start", "exit": "discharged" if ill else "end"}
            return tuple(entering.get(word, word) for word in words)
        if "_medical" in self.entities and "created" in words[:2] and self.language in _DISCHARGED:
            return tuple("discharged" if word == "created" else word for word in words)  # fec_alta
        if _ARRIVING.isdisjoint(words) or not self._is_of_stays:
            return words
        return tuple({"arrival": "start", "departure": "end"}.get(word, word) for word in words)

    def status(self) -> str | None:
        """The sibling that says in which state the row is, rather than somebody's visa."""
        found = [name for name in self._scalars if self.concepts[name] == "status"]
        return next((name for name in found if _STATES_OF_OTHERS.isdisjoint(self.said(name))), None)

    def number_named(self, *words: str, without: tuple[str, ...] = ()) -> str | None:
        """A sibling of a type of numbers whose name has all those words and none of the others."""
        wanted, unwanted = frozenset(words), frozenset(without)
        for name, found in self.said_of_numbers:
            if wanted <= found and unwanted.isdisjoint(found):
                return name
        return None

    def amount_named(self, *words: str, without: tuple[str, ...] = ()) -> str | None:
        """The same, of a sibling that is an amount: a discount's days and its rate are none."""
        wanted, unwanted = frozenset(words), frozenset(without)
        for name, found in self.said_of_numbers:
            if wanted <= found and unwanted.isdisjoint(found) and self.concepts[name] not in _NO_AMOUNTS:
                return name
        return None

    def numbers(self) -> tuple[str, ...]:
        """The siblings of a type of numbers, in name order."""
        return self._numbers

    @cached_property
    def said_of_numbers(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """The siblings of a type of numbers, in name order, with their words."""
        return tuple((name, frozenset(self.said(name))) for name in self._numbers)

    @cached_property
    def _numbers(self) -> tuple[str, ...]:
        siblings = self.context.siblings.items()
        return tuple(sorted(name for name, ref in siblings if ref.name in NUMBER_TYPES and not ref.array_dims))

    def moments(self) -> list[str]:
        """The siblings of a type of moments, in name order."""
        return sorted(
            name for name, ref in self.context.siblings.items() if ref.name in MOMENT_TYPES and not ref.array_dims
        )

    def written_moments(self) -> list[str]:
        """The siblings of text that hold moments, in name order."""
        context, names = self.context, names_of(self.context)
        found = []
        for name, ref in context.siblings.items():
            words = tokens(bare_name(name, context.table.name, names)) if ref.name in TEXT_TYPES else ()
            if is_dated(words) and not ref.array_dims and self.concepts[name] is None:
                kind = first_concept("moment", words, self.entities, None)
                found += [name] if kind in (None, "moment") else []
        return sorted(found)

    def enum_labels(self, name: str) -> tuple[str, ...] | None:
        """The labels of a sibling's enum, or the values that its checks list; None for others."""
        if name in self.context.allowed:
            return self.context.allowed[name]
        ref = self.context.siblings[name]
        found = self.context.types.get(QName(ref.schema, ref.name))
        return found.labels if isinstance(found, EnumType) else None

    @cached_property
    def _scalars(self) -> tuple[str, ...]:
        """The siblings that are no arrays, in name order."""
        return tuple(sorted(name for name, ref in self.context.siblings.items() if not ref.array_dims))

    def with_role(self, options: dict[str, Any], option: str) -> dict[str, Any]:
        """The options, with the column's role where it has one."""
        return {**options, option: self.role} if self.role else options


def _part_of_name(name: str, concept: str | None, around: Mapping[str, str | None]) -> str | None:
    """What a bare name is beside one part of a name: `nom` beside prenom is the last name."""
    if concept not in ("full_name", "label") or tokens(name) != ("name",):
        return concept
    if "last_name" not in around.values() and raw_tokens(name) in (("nome",), ("nombre",)):
        return "full_name"  # It is whole beside a nome_social.
    parts = {"first_name", "last_name"} & set(around.values())
    return {"first_name": "last_name", "last_name": "first_name"}[parts.pop()] if len(parts) == 1 else concept


@lru_cache(maxsize=4096)
def _lengthened(words: tuple[str, ...]) -> tuple[str, ...]:
    """Words with those that are short for one written out: subtot."""
    return tuple(long for word in words for long in expanded(word) or (word,))


def role_of(name: str) -> str:
    """The word of a name that says whose it is; "" for none."""
    found = tokens(name)
    if name.lower().endswith(_PLACE_ENDS) and (
        way := next((role for start, role in _WAYS if name.lower().startswith(start)), "")
    ):
        return way
    pieces = raw_tokens(name)
    if len(pieces) > 1 and (cut := _CUT_ROLES.get(pieces[-1]) or _CUT_ROLES.get(pieces[0])):
        return cut
    if len(found) < 2:
        return ""
    role = next((word for word in (*found[:-1], *raw_tokens(name)[:-1]) if word in _ROLES), "") or _SHORT_ROLES.get(
        raw_tokens(name)[0], ""
    )
    return role or next((piece for piece in raw_tokens(name) if piece in _OTHERS), "")
