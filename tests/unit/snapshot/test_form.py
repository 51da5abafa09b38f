"""The JSON form: nothing is lost in it, everything wrong with it is said, and its digest is the schema's."""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from app.errors import Fault, SnapshotInvalid
from app.generator.snapshot.form import form_schema, snapshot_digest, snapshot_from_json, snapshot_to_json
from app.generator.snapshot.model import Snapshot
from tests.unit.snapshot.snapshots import consistent_snapshots, everything

Form = dict[str, Any]


def form() -> Form:
    """The form of everything, as it comes over the wire."""
    body: Form = json.loads(json.dumps(snapshot_to_json(everything())))
    return body


def table(body: Form, name: str) -> Form:
    """One table of a form."""
    found: Form = next(table for table in body["tables"] if table["name"] == name)
    return found


def faults_of(body: object) -> list[Fault]:
    """What is wrong with a form."""
    with pytest.raises(SnapshotInvalid) as refused:
        snapshot_from_json(body)
    return refused.value.faults


def test_nothing_is_lost() -> None:
    """Every member of the model is in the form, and comes back."""
    assert snapshot_from_json(form()) == everything()


@settings(max_examples=60)
@given(consistent_snapshots())
def test_any_snapshot_comes_back(snapshot: Snapshot) -> None:
    """Whatever the names are."""
    assert snapshot_from_json(json.loads(json.dumps(snapshot_to_json(snapshot)))) == snapshot


def test_the_digest_does_not_depend_on_order() -> None:
    """Tables, types, functions, keys and checks in another order are the same schema."""
    shuffled = everything()
    order = random.Random(3)
    tables = [
        replace(
            table,
            keys=tuple(order.sample(table.keys, len(table.keys))),
            foreign_keys=tuple(order.sample(table.foreign_keys, len(table.foreign_keys))),
        )
        for table in order.sample(shuffled.tables, len(shuffled.tables))
    ]
    shuffled = replace(shuffled, tables=tuple(tables), types=tuple(order.sample(shuffled.types, len(shuffled.types))))
    assert snapshot_digest(shuffled) == snapshot_digest(everything())
    body = form()
    body["tables"].reverse()
    assert snapshot_digest(snapshot_from_json(body)) == snapshot_digest(everything())


def test_the_digest_tells_schemas_apart() -> None:
    """A changed check is another schema."""
    body = form()
    table(body, "a")["checks"][0]["expression"] = "true"
    assert snapshot_digest(snapshot_from_json(body)) != snapshot_digest(everything())


def test_a_dangling_foreign_key_is_spelled_out() -> None:
    """The fault has table, constraint and what is missing, and points at the place."""
    body = form()
    place = body["tables"].index(table(body, "b"))
    table(body, "b")["foreignKeys"][0]["references"]["table"] = "nowhere"
    (fault,) = faults_of(body)
    assert fault.code == "dangling_foreign_key"
    assert fault.pointer == f"/tables/{place}/foreignKeys/0"
    assert "public.b" in fault.message
    assert "b_a" in fault.message
    assert "public.nowhere" in fault.message
    assert fault.facts["missing"] == "public.nowhere"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda b: b.update(version=2), "snapshot_version"),
        (lambda b: b.pop("version"), "missing_key"),
        (lambda b: b.update(colour="red"), "unknown_key"),
        (lambda b: table(b, "a")["columns"][0].update(nulable=True), "unknown_key"),
        (lambda b: table(b, "a")["columns"][0].update(type="nosuch"), "unknown_type"),
        (lambda b: table(b, "a")["columns"][0].update(type=5), "snapshot_form"),
        (lambda b: table(b, "a")["columns"][0].update(name="x" * 64), "too_long"),
        (lambda b: table(b, "a")["columns"][0].update(name=""), "snapshot_form"),
        (lambda b: table(b, "a")["columns"][0].update(comment="a\0b"), "snapshot_form"),
        (lambda b: table(b, "a")["columns"][0].update(comment="\ud800"), "snapshot_form"),
        (lambda b: table(b, "a")["columns"].append(table(b, "a")["columns"][0]), "duplicate_name"),
        (lambda b: b["tables"].append(table(b, "a")), "duplicate_name"),
        (lambda b: b["types"].append(b["types"][0]), "duplicate_name"),
        (lambda b: table(b, "a")["keys"][1]["columns"].append("nosuch"), "missing_column"),
        (lambda b: table(b, "a")["keys"].append({"name": "k"}), "snapshot_form"),
        (lambda b: table(b, "a")["keys"].append({"name": "k", "columns": ["id"], "primary": True}), "duplicate_name"),
        (lambda b: table(b, "b")["foreignKeys"][0]["columns"].append("at"), "arity_mismatch"),
        (lambda b: table(b, "b")["foreignKeys"][0]["references"].update(columns=["nosuch"]), "dangling_foreign_key"),
        (lambda b: table(b, "b")["foreignKeys"][0]["references"].update(columns=["name"]), "dangling_foreign_key"),
        (lambda b: table(b, "b")["foreignKeys"][0].update(onDelete="explode"), "snapshot_form"),
        (lambda b: table(b, "a")["checks"][0].update(expression="(" * 500 + ")" * 500), "too_deep"),
        (lambda b: table(b, "a")["checks"][0].update(expression="x" * 200_000), "too_long"),
        (lambda b: table(b, "part_1").pop("partitionOf"), "contradiction"),
        (lambda b: table(b, "part").pop("partitionKey"), "contradiction"),
        (lambda b: table(b, "part_1")["partitionOf"].update(table="gone"), "missing_table"),
        (lambda b: table(b, "child")["inherits"][0].update(name="gone"), "missing_table"),
        (lambda b: b["types"][0].update(base="public.even"), "contradiction"),
        (lambda b: b.update(tables={}), "snapshot_form"),
        (lambda b: b.update(tables=[{}] * 6000), "too_many"),
    ],
)
def test_each_fault_has_its_code(change: Any, code: str) -> None:
    """One thing wrong is one thing said, by a stable code."""
    body = form()
    change(body)
    assert code in {fault.code for fault in faults_of(body)}


def test_all_faults_are_said_at_once() -> None:
    """A form with four mistakes in four places gets four faults, each with its own pointer."""
    body = form()
    table(body, "a")["columns"][0]["type"] = "nosuch"
    table(body, "a")["oops"] = 1
    table(body, "b")["foreignKeys"][0]["references"]["table"] = "nowhere"
    body["extensions"] = "citext"
    faults = faults_of(body)
    assert len(faults) == 4
    assert len({fault.pointer for fault in faults}) == 4


@pytest.mark.parametrize("body", [None, [], "x", 5, {"tables": None}, {"version": 1, "tables": [None, 3, []]}])
def test_what_is_no_snapshot_at_all(body: object) -> None:
    """Any JSON gives faults, never another error."""
    assert faults_of(body)


def test_a_primary_key_is_not_null() -> None:
    """As in Postgres, whether or not its columns say so."""
    body = {"version": 1, "tables": [{"name": "t", "columns": [{"name": "id", "type": "int"}],
                                      "keys": [{"name": "t_pkey", "columns": ["id"], "primary": True}]}]}  # fmt: skip
    assert snapshot_from_json(body).tables[0].columns[0].nullable is False


def _conforms(value: object, schema: Form, root: Form, at: str) -> None:
    """As much of JSON Schema as the form's own uses."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    if "oneOf" in schema and "kind" in str(schema["oneOf"]):
        assert isinstance(value, dict), at
        schema = next(one for one in schema["oneOf"] if one["properties"]["kind"]["const"] == value["kind"])
    if "const" in schema:
        assert value == schema["const"], at
    if "enum" in schema:
        assert value in schema["enum"], at
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": int | float}
    wanted = schema.get("type")
    if isinstance(wanted, str):
        assert isinstance(value, kinds[wanted]), at
    if isinstance(value, dict):
        assert set(schema.get("required", ())) <= set(value), at
        assert set(value) <= set(schema["properties"]), at
        for name, member in value.items():
            _conforms(member, schema["properties"][name], root, f"{at}/{name}")
    if isinstance(value, list):
        for n, item in enumerate(value):
            _conforms(item, schema["items"], root, f"{at}/{n}")


def test_the_form_conforms_to_its_json_schema() -> None:
    """What is written is what the published schema describes, with no member that it does not know."""
    root = dict(form_schema())
    _conforms(form(), root, root, "")


def _members(schema: object) -> set[str]:
    if isinstance(schema, dict):
        own = set(schema.get("properties", {}))
        return own.union(*(_members(value) for value in schema.values()))
    return set().union(*map(_members, schema)) if isinstance(schema, list) else set()


def test_the_json_schema_describes_nothing_else() -> None:
    """Every member that the published schema has is one that a form with everything in it has."""

    def written(value: object) -> set[str]:
        if isinstance(value, dict):
            return set(value).union(*map(written, value.values()))
        return set().union(*map(written, value)) if isinstance(value, list) else set()

    assert _members(dict(form_schema())) - written(form()) == set()


def test_the_documented_example_is_one() -> None:
    """The page about the form shows a form that is read."""
    page = Path(__file__).resolve().parents[3] / "docs" / "snapshot.md"
    example = page.read_text(encoding="utf-8").partition("```json snapshot.json\n")[2].partition("```")[0]
    snapshot = snapshot_from_json(json.loads(example))
    assert [table.name.name for table in snapshot.tables] == ["customers", "invoices"]
    root = dict(form_schema())
    _conforms(json.loads(example), root, root, "")


def test_a_value_is_not_made_of_millions() -> None:
    """Pairs of pairs of pairs double with each level, domains of them do not; and a row adds up all that is in it."""

    def pairs(levels: int, columns: int) -> dict[str, Any]:
        types: list[dict[str, Any]] = []
        for level in range(levels):
            inner = f"public.d{level - 1}" if level else "int4"
            attributes = [{"name": name, "type": inner} for name in "ab"]
            types.append({"schema": "public", "name": f"c{level}", "kind": "composite", "attributes": attributes})
            types.append({"schema": "public", "name": f"d{level}", "kind": "domain", "base": f"public.c{level}"})
        made = [{"name": f"c{n}", "type": f"public.d{levels - 1}"} for n in range(columns)]
        return {"version": 1, "types": types, "tables": [{"schema": "public", "name": "t", "columns": made}]}

    assert snapshot_from_json(pairs(12, 1)).tables
    for body in (pairs(13, 1), pairs(60, 1), pairs(12, 5)):
        assert [fault.code for fault in faults_of(body)] == ["too_many"]
