"""The ways to read a column's name, the most literal first.

`plz`, `kunde_plz` in table kunden, `nom_uti` in utilisateur and `motivo_cancelacion` are read alike: without what only
repeats the table, with the noun last where the language puts it first, and with unknown compounds cut at a known end.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache

from app.generator.meaning.naming import canonical, doer, loose, raw_tokens, singular, tokens
from app.generator.meaning.shortened import expanded
from app.generator.meaning.words import ALIASES, ENGLISH, KNOWN, PLAIN

Words = tuple[str, ...]

_LEAST_ABBREVIATION = 2
# A piece that so many of a table's columns share at one end says nothing of any of them.
_LEAST_SHARING = 4
_LONGEST_SHORT = 4
_SHORTEST_FOREIGN = 2
# Whose columns begin with an abbreviation of them.
_OWNERS = frozenset({"employee", "customer", "person", "company", "user", "product", "order", "invoice", "account"})
# What stands before a name for the type of what it holds.
_TYPE_MARKS = frozenset(
    "str int lng dbl bln bool dtm dte cur txt chr mem sz vch nvc flt dbo dec byt sng lpsz dw".split()
)
# Words that join two nouns in languages that put the main one first.
_LINKS = frozenset(
    "de da do das dos del la le les el los las du des von van der den het of di della dello dei degli delle al".split()
)
_PLACE_PARTS = frozenset("district city region number postal country complement street house code floor".split())
# What stands before the parts of an address, and those parts.
_ADDRESSES = frozenset("end ender endereco adr adresse dir direccion dom domicilio ind indirizzo res residenza".split())
_ADDRESS_PARTS = frozenset(
    """num nro nr numero rua calle via rue voie bairro barrio colonia cidade ciudad citta ville comune commune municipio
    localidade localidad localita uf provincia prov cp cep cap codpostal pais pays complemento compl cpl logradouro
    piso puerta quartier civico poblacion""".split()
)
# Words before what a rate is for.
_SPANS = frozenset("mtd ytd qtd wtd itd ptd".split())
_PER = frozenset("per pro par por".split())


# Nouns of French, Spanish and Portuguese that stand before what they are of. Those that English has too are left out.
_HEADS = frozenset(
    """nombre nome nom prenom fecha adresse direccion endereco estado etat statut descripcion descricao codigo
    tamanho tamano talla taille taglia altura
    numero tipo imagen imagem titulo titre prix precio preco montant importe valor cantidad quantite quantidade telefono
    telefone tel correo courriel motivo motif tarjeta cartao tarifa conta cuenta compte duree duracion duracao lieu
    lugar pais pays ville ciudad cidade categoria categorie marca marque modelo modele grupo groupe unidad unite
    unidade nivel niveau costo coste custo cout indirizzo citta codice quantita prezzo importo stato descrizione titolo
    provincia paese regione immagine metodo totale aliquota luogo tasso frais taxe matricule""".split()
)


# Those that English has too: they stand first where a word that is not English follows.
_SHARED_HEADS = frozenset("reference code type date note description image photo service message".split())


def is_head_first(name: str) -> bool:
    """Whether a name begins with a noun of a language that puts it first: estado_reserva, code_fournisseur."""
    pieces = raw_tokens(name)
    if len(pieces) < 2 or "".join(pieces) in ALIASES:
        return False
    if canonical(pieces[0]) == ("address",) and _PLACE_PARTS & set(tokens(_joined(pieces[1:]))):
        return False  # endereco_bairro is the address' district.
    return pieces[0] in _HEADS or _is_shared_head(pieces)


def _is_shared_head(pieces: Words) -> bool:
    return pieces[0] in _SHARED_HEADS and any(
        piece in ALIASES and piece not in ENGLISH and piece not in _LINKS and len(piece) > _SHORTEST_FOREIGN
        for piece in pieces[1:]
    )


@lru_cache(maxsize=16_384)
def readings(name: str, table: str, shared: tuple[str, str]) -> tuple[Words, ...]:
    """The name's words in each reading, without repetitions. `shared` are the pieces to leave out, see `affixes`."""
    pieces = raw_tokens(name)
    rest = tuple(piece for piece in pieces[1:] if piece not in _LINKS)
    if pieces[:1] == ("data",) and rest and rest[0] in ALIASES and rest[0] not in ENGLISH:
        pieces = ("date", *rest)  # data_cadastro, data_di_nascita
    cores = [pieces]
    for core in (_without_table(pieces, table), _without_shared(pieces, shared)):
        if core and core not in cores:
            cores.append(core)
    if len(pieces) == 1 and (inner := _without_initial(pieces[0], table) or _without_joined(pieces[0], table)):
        cores.append((inner,))
    found = [tokens(_joined(core)) for core in (*_before_per(pieces), *_turned(pieces), *cores)]
    found += [head_last(core) for core in cores]
    found += [tokens(_joined(core[1:])) for core in cores if len(core) > 1 and len(core[0]) == 1 and core[0].isalpha()]
    found += [tokens(_joined(_without_digits(core))) for core in cores]
    found += [tokens(_joined(whole)) for core in cores if (whole := _without_span(core)) != core]
    found += [_lengthened(core) for core in cores]
    found += [tuple(word for piece in core for word in loose(piece)) for core in cores]
    if pieces and doer(pieces[-1]):
        found.append(("person",))
    return tuple(dict.fromkeys(words for words in found if words))


@lru_cache(maxsize=1024)
def marks_types(names: Words) -> bool:
    """Whether a table's columns begin with what type they are of: strName, lngPoints, dbl_net_pay."""
    return sum(_marked(name) for name in names) >= _LEAST_SHARING


def unmarked(name: str, names: Words) -> str:
    """The name without the mark of its type, where the table's columns have them, or of the address it is part of."""
    if marks_types(names) and _marked(name):
        return _joined(raw_tokens(name)[1:])
    return _part_of_address(name)


@lru_cache(maxsize=16_384)
def _part_of_address(name: str) -> str:
    """The name without the mark of the address that it is part of: bairro for end_bairro."""
    pieces = raw_tokens(name)
    parted = len(pieces) > 1 and pieces[0] in _ADDRESSES and pieces[1] in _ADDRESS_PARTS
    return _joined(pieces[1:]) if parted else name


def plain_name(name: str, names: Words) -> str:
    """The name without the mark of its type, and without what most of the table's columns begin or end with."""
    return _joined(_without_shared(raw_tokens(unmarked(name, names)), affixes(names)))


def is_initials(piece: str, table: str) -> bool:
    """Whether a name's first piece is only the table's initials, as in lineitem.l_tax and partsupp.ps_comment."""
    parts = tuple(part for part in raw_tokens(table) if not part.isdigit())
    initials = "".join(part[0] for part in parts)
    if piece == initials and piece not in ("is", "id", "ip", "no"):
        return True
    return len(parts) == 1 and table.lower().startswith(piece[0]) and len(piece) <= 2 and piece == table[: len(piece)]


def _marked(name: str) -> bool:
    pieces = raw_tokens(name)
    if len(pieces) < 2:
        return False
    return pieces[0] in _TYPE_MARKS or (len(pieces[0]) == 1 and name[:1].islower() and name[1:2].isupper())


@lru_cache(maxsize=1024)
def affixes(names: Words) -> tuple[str, str]:
    """The pieces that several of a table's column names begin with and end with; "" for none.

    They are counted, and not compared with how many do without: one more column must not change what the others are.
    """
    split = [raw_tokens(name) for name in names]
    long = [pieces for pieces in split if len(pieces) > 1]
    first = _common(p[0] for p in long) or _written_on([p[0] for p in split if len(p) == 1])
    return first, _common(p[-1] for p in long if not _says(p[-1]))


def _written_on(words: list[str]) -> str:
    """Letters that several names begin with, written onto words that are known: filstr, filort; with a ~."""
    for length in range(_LONGEST_SHORT, 1, -1):
        starts = Counter(word[:length] for word in words if len(word) > length + 1)
        start, count = starts.most_common(1)[0] if starts else ("", 0)
        if count < _LEAST_SHARING or start in ENGLISH:
            continue
        rests = [word[length:] for word in words if word.startswith(start)]
        if sum(rest in ALIASES for rest in rests) * 2 >= count:
            return f"~{start}"
    return ""


def _says(piece: str) -> bool:
    """Whether a piece has a meaning of its own, which it has however often it comes: user_id and post_id are ids."""
    return piece in ALIASES or piece in ENGLISH or piece in KNOWN or piece in PLAIN


def _common(pieces: Iterable[str]) -> str:
    found = Counter(piece for piece in pieces if not piece.isdigit()).most_common(1)
    piece, count = found[0] if found else ("", 0)
    return piece if count >= _LEAST_SHARING else ""


def _before_per(pieces: Words) -> Iterable[Words]:
    """What is measured by a rate, where it says more than what it is for: price_per_month is a price."""
    for place, piece in enumerate(pieces[1:-1], 1):
        if piece in _PER and any(before in ALIASES or before in KNOWN for before in pieces[:place]):
            yield pieces[:place]


def _turned(pieces: Words) -> Iterable[Words]:
    """`reason_of_return` is the return's reason."""
    for place, piece in enumerate(pieces[1:-1], 1):
        if piece == "of":
            yield (*pieces[place + 1 :], *pieces[:place])


def _without_digits(pieces: Words) -> Words:
    """`tenant1` and `author_2` are tenants and authors."""
    while len(pieces) > 1 and pieces[-1].isdigit():
        pieces = pieces[:-1]
    return pieces


def _without_span(pieces: Words) -> Words:
    """`api_calls_mtd` and `ytd_sales` are calls and sales."""
    kept = tuple(piece for piece in pieces if piece not in _SPANS)
    return kept or pieces


def _joined(pieces: Words) -> str:
    return "_".join(pieces)


def _without_table(pieces: Words, table: str) -> Words:
    """The pieces without those at either end that repeat the table's name, or abbreviate it."""
    parts = [singular(part) for part in raw_tokens(table) if not part.isdigit()]

    def repeats(piece: str) -> bool:
        short = singular(piece)
        return any(
            short == part or canonical(short) == canonical(part)
            or (len(piece) >= _LEAST_ABBREVIATION and part.startswith(piece) and part != piece)
            for part in parts
        ) or short == "".join(part[0] for part in parts)  # fmt: skip

    return _stripped(pieces, repeats)


def _without_shared(pieces: Words, shared: tuple[str, str]) -> Words:
    first, last = shared
    if first[:1] == "~":
        start = first[1:]
        return (
            (pieces[0][len(start) :],)
            if len(pieces) == 1 and pieces[0].startswith(start) and pieces[0] != start
            else pieces
        )
    if len(pieces) > 1 and first and pieces[0] == first:
        pieces = pieces[1:]
    if len(pieces) > 1 and last and pieces[-1] == last:
        pieces = pieces[:-1]
    return pieces


def _stripped(pieces: Words, repeats: Callable[[str], bool]) -> Words:
    start, end = 0, len(pieces)
    while start < end - 1 and repeats(pieces[start]):
        start += 1
    while end - 1 > start and (repeats(pieces[end - 1]) or pieces[end - 1] in _LINKS):
        end -= 1
    while start < end - 1 and pieces[start] in _LINKS:
        start += 1
    return pieces[start:end]


def _without_initial(piece: str, table: str) -> str:
    """`Dname` of department: the table's initial before a word that is known."""
    rest = piece[1:]
    known = rest in ALIASES or singular(rest) in ALIASES
    return rest if known and len(rest) >= _LEAST_SHARING and table[:1].lower() == piece[0] else ""


def _without_joined(piece: str, table: str) -> str:
    """`telcliente` of clientes and `nomprovee` of proveedores: what is left without the table's name, or its start."""
    whole = "".join(raw_tokens(table))
    for length in range(len(piece) - _LEAST_ABBREVIATION, _LEAST_SHARING - 1, -1):
        head, tail = piece[:-length], piece[-length:]
        if whole.startswith(tail) and head in ALIASES:
            return head
        if whole.startswith(piece[:length]) and piece[length:] in ALIASES:
            return piece[length:]
    return ""


def _lengthened(core: Words) -> Words:
    """The pieces with those that are short for a word written out: brnch_nm; () where none is."""
    if not any(expanded(piece) for piece in core):
        return ()
    return tuple(word for piece in core for word in expanded(piece) or loose(piece))


def head_last(pieces: Words) -> Words:
    """The words with the first noun moved to the end, where it is not an English one: motivo_cancelacion."""
    kept = tuple(piece for piece in pieces if piece not in _LINKS)
    if len(kept) < 2 or (kept[0] not in ALIASES and singular(kept[0]) not in ALIASES):
        return ()
    if kept[0] in ENGLISH and not _is_shared_head(kept):
        return ()
    if len(kept[0]) <= _LONGEST_SHORT and set(canonical(kept[0])) & _OWNERS:
        return ()  # emp_desig is an employee's, in any language
    return (*tokens(_joined(kept[1:])), *canonical(kept[0]))


def readings_of(literal: Words, name: str, table: str, names: Words) -> tuple[Words, ...]:
    """Every reading of a name, the likeliest first: where its language puts the noun first, that one."""
    return all_readings(literal, name, table, affixes(names))


@lru_cache(maxsize=16_384)
def all_readings(literal: Words, name: str, table: str, shared: tuple[str, str]) -> tuple[Words, ...]:
    """The same without the pieces that most of a table's columns share, which `affixes` tells."""
    found = (literal, *readings(name, table, shared))
    return (head_last(raw_tokens(name)), *found) if is_head_first(name) else found
