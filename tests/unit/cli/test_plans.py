"""Plans at the command line: seen, explained, compared, and made again from a file."""

import json
from pathlib import Path

import pytest

from app.cli import main
from app.generator.snapshot.form import snapshot_to_json
from tests.unit.generator.schemas import shop


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a snapshot in it, to be in."""
    (tmp_path / "shop.json").write_text(json.dumps(snapshot_to_json(shop())))
    monkeypatch.chdir(tmp_path)
    for name in ("PROMPT_API_URL", "PROMPT_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def written(folder: Path, name: str, capsys: pytest.CaptureFixture[str], *words: str) -> Path:
    """A plan in a file."""
    assert main(["plan", "shop.json", "--json", *words]) == 0
    path = folder / name
    path.write_text(capsys.readouterr().out)
    return path


def test_a_plan_from_a_file_makes_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the prompt that went into it, which is not read again."""
    first = written(folder, "a.json", capsys, "--prompt", "30 customers, 2 orders each")
    assert main(["plan", "shop.json", "--plan", str(first), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(first.read_text())
    assert main(["preview", "shop.json", "--plan", str(first), "--table", "customers", "--limit", "2"]) == 0
    assert "public.customers (30 rows)" in capsys.readouterr().out


def test_an_explained_plan_is_readable(capsys: pytest.CaptureFixture[str]) -> None:
    """Order, reasons, relations with how many for each, keys with their room, what was not applied."""
    assert main(["plan", "shop.json", "--explain", "--prompt", "30 customers, 2-3 orders each, unicorns"]) == 0
    shown = capsys.readouterr()
    assert "public.customers: 30 rows" in shown.out
    assert "2 to 3" in shown.out
    assert "room for" in shown.out
    assert "not applied: unicorns (not understood)" in shown.out
    assert main(["plan", "shop.json", "--explain", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["explanation"]["expected_bytes"]["csv"] > 0


def test_a_difference_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows, generators with their options, nulls; and whether any cell changes at all."""
    first = written(folder, "a.json", capsys, "--rows", "20")
    same = written(folder, "b.json", capsys, "--rows", "20")
    assert main(["diff", str(first), str(same), "--exit-code"]) == 0
    assert "the plans are the same" in capsys.readouterr().out
    (folder / "seedbed.yaml").write_text(
        "rows: 20\\noverrides: {customers: {first_name: [Ann, Ben]}}\\n".replace("\\n", "\n")
    )
    other = written(folder, "c.json", capsys, "--rows", "customers=30")
    assert main(["diff", str(first), str(other), "--exit-code"]) == 1
    told = capsys.readouterr().out
    assert "public.customers: rows 20 -> 30" in told
    assert "public.customers.first_name: generator first_name -> one_of" in told
    assert main(["diff", str(first), str(other), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cells"] is True


def test_the_file_of_the_folder_counts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """seedbed.yaml is read without being named, prompt and all; an argument wins over it."""
    (folder / "seedbed.yaml").write_text("rows: {customers: 7, '*': 5}\nprompt: 3 orders each\nlocale: de_DE\n")
    assert main(["plan", "shop.json", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["locale"] == "de_DE"
    assert {t["name"]["name"]: t["rows"] for t in plan["tables"]}["customers"] == 7
    assert plan["prompt"]["text"] == "3 orders each"
    assert main(["plan", "shop.json", "--json", "--locale", "fr_FR"]) == 0
    assert json.loads(capsys.readouterr().out)["locale"] == "fr_FR"


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("rows: many", "/rows"),
        ("format: pdf", "/format"),
        ("locale: english", "/locale"),
        ("overrides: {customers: {email: {generator: emial}}}", "/overrides/customers/email"),
        ("overrides: {customers: {first_name: {generator: first_name, options: {gender: z}}}}",
         "/overrides/customers/first_name"),
        ("tables: []", "/tables"),
        ("scale: 0", "/scale"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused(folder: Path, capsys: pytest.CaptureFixture[str], text: str, pointer: str) -> None:
    """By its JSON Schema, with a pointer, before anything is read."""
    (folder / "seedbed.yaml").write_text(text)
    assert main(["plan", "shop.json", "--json"]) == 1
    assert pointer in capsys.readouterr().err


def test_an_edited_plan_is_judged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it may not say is refused with a pointer into it."""
    path = written(folder, "a.json", capsys)
    plan = json.loads(path.read_text())
    plan["tables"][0]["columns"][0]["generator"] = "nothing"
    path.write_text(json.dumps(plan))
    assert main(["plan", "shop.json", "--plan", str(path), "--json"]) == 1
    assert "/tables/0/columns/0" in capsys.readouterr().err
