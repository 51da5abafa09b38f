"""Tables that have to have something in common, so that rows can refer to them all."""

import itertools
from dataclasses import replace

from app.generator import GeneratorConfig, Snapshot, batches, make_plan
from app.generator.planning.joining import in_joining_order
from app.generator.snapshot.model import ForeignKey, QName

from .schemas import INT, TEXT, UUID, column, key, reference, table, type_of


def _rows(snapshot: Snapshot, name: str, **rows: int) -> list[dict[str, object]]:
    plan = make_plan(snapshot, GeneratorConfig(rows=rows), "agreeing")
    return [row for batch in batches(plan, QName("public", name)) for row in batch.to_pylist()]


def test_parents_agree_where_no_table_says_in_what() -> None:
    """Rows that refer to two tables by a column that both of them have find parents in both, of any type."""
    for kind in (INT, TEXT, type_of("uuid"), type_of("varchar", 2)):
        halls = table("halls", column("plant", kind), column("no", TEXT), keys=(key("plant", "no", primary=True),))
        lines = table("lines", column("plant", kind), column("no", TEXT), column("hall", TEXT, null=True),
                      keys=(key("plant", "no", primary=True),), refers=(reference(("plant", "hall"), "halls", ("plant", "no")),))  # fmt: skip
        tools = table("tools", column("plant", kind), column("mark", TEXT), keys=(key("plant", "mark", primary=True),))
        setups = table("setups", column("plant", kind), column("line", TEXT), column("mark", TEXT),
                       refers=(reference(("plant", "line"), "lines", ("plant", "no")),
                               reference(("plant", "mark"), "tools", ("plant", "mark"))))  # fmt: skip
        rows = _rows(Snapshot((halls, lines, tools, setups)), "setups", halls=30, lines=30, tools=30, setups=30)
        assert len(rows) == 30
        assert len({row["plant"] for row in rows}) > 1


def test_references_are_picked_from_one_to_the_next_that_shares_a_column() -> None:
    """A link whose account and user have to have a provider between them begins at one and follows the columns."""
    own = (column("project", INT), column("no", UUID))
    accounts = table(
        "accounts", *own, keys=(key("project", "no", primary=True),), refers=(reference("project", "projects"),)
    )
    projects = table("projects", column("id", INT), keys=(key("id", primary=True),))
    providers = replace(accounts, name=QName("public", "providers"))
    users = table("users", column("tenant", INT), column("provider", UUID), column("project", INT), column("login", TEXT),
                  keys=(key("tenant", "provider", "login", primary=True),),
                  refers=(reference(("project", "provider"), "providers", ("project", "no")), reference("tenant", "projects")))  # fmt: skip
    links = table("links", column("id", INT), column("tenant", INT), column("project", INT), column("account", UUID),
                  column("provider", UUID), column("login", TEXT), keys=(key("tenant", "provider", "login", primary=True),),
                  refers=(reference(("tenant", "provider", "login"), "users", ("tenant", "provider", "login")),
                          reference(("project", "account"), "accounts", ("project", "no")),
                          reference(("project", "provider"), "providers", ("project", "no"))))  # fmt: skip
    for names in itertools.permutations(("a", "b", "c")):
        named = tuple(replace(k, name=name) for k, name in zip(links.foreign_keys, names, strict=True))
        snapshot = Snapshot((projects, accounts, providers, users, replace(links, foreign_keys=named)))
        counts = {"projects": 300, "accounts": 200, "providers": 200, "users": 200, "links": 90}
        rows = _rows(snapshot, "links", **counts)
        parents = {n: _rows(snapshot, n, **counts) for n in ("users", "accounts", "providers")}
        assert len(rows) > 50
        logins = {(r["tenant"], r["provider"], r["login"]) for r in parents["users"]}
        assert {(r["tenant"], r["provider"], r["login"]) for r in rows} <= logins
        for name, own_name in (("accounts", "account"), ("providers", "provider")):
            assert {(r["project"], r[own_name]) for r in rows} <= {(r["project"], r["no"]) for r in parents[name]}


def test_a_crowd_of_references_is_left_as_it_is() -> None:
    """Looking for their best order takes the cube of their number, and tables come from strangers."""
    names = [f"c{number}" for number in range(60)]
    keys = [
        ForeignKey(
            f"k{n}", (names[n % 60], names[n * 7 % 60], names[n * 11 % 60]), QName("public", "t"), ("a", "b", "c")
        )
        for n in range(2_000)
    ]
    assert in_joining_order(keys, ()) == keys
