"""What people type wrongly is answered in one line that says what to do, and shells know what may be typed."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from app.cli import COMMANDS, main
from app.commands.catalogue import EXAMPLES, Parser, configure
from app.commands.completion import SHELLS, options, script


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small snapshot, where the commands are typed."""
    (tmp_path / "s.json").write_text(
        '{"version": 1, "tables": [{"name": "teams", "columns": [{"name": "id", "type": "integer", "nullable": false},'
        ' {"name": "email", "type": "text"}], "keys": [{"name": "pk", "columns": ["id"], "primary": true}]}]}'
    )
    (tmp_path / "bad.yaml").write_text("rows: [\n")
    (tmp_path / "bad.json").write_text("{not json")
    (tmp_path / "misspelt.yaml").write_text("overrides: {teams: {email: {generator: emial}}}\n")
    (tmp_path / "unknown.yaml").write_text("rowz: 5\n")
    (tmp_path / "kind.yaml").write_text("format: cvs\n")
    (tmp_path / "count.yaml").write_text("rows: {teams: {per_parent: {min: 1}}}\n")
    (tmp_path / "bounds.yaml").write_text("rows: {teams: {perParent: {minn: 1, max: 2}}}\n")
    (tmp_path / "all.yaml").write_text("rows: {per_parent: {min: 1, max: 2}}\n")
    (tmp_path / "place.yaml").write_text("overrides: {teams: {email: {perParent: {min: 1}}}}\n")
    (tmp_path / "column.yaml").write_text("overrides: {teams: {emial: x}}\n")
    (tmp_path / "only.yaml").write_text("tables: [team]\n")
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "SEEDBED_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("generat s.json", 2, "did you mean generate?"),
        ("generate s.json --row 5 -o x.csv", 2, "did you mean --rows?"),
        ("generate s.json --rows -5 -o x.csv", 2, "1000, 10k, 1M"),
        ("generate s.json --rows 1e6 -o x.csv", 2, "1000, 10k, 1M"),
        ("generate s.json --rows 5", 2, "-o/--output"),
        ("generate s.json --jobs 0 -o x.csv", 2, "above zero"),
        ("generate", 2, "SOURCE"),
        ("snapshot", 2, "--database-url --ddl"),
        ("completion tcsh", 2, "choose from"),
        ("load s.json", 2, "--database-url"),
        ("preview s.json --limit none", 2, "above zero"),
        ("generate none.sql -o x.csv", 1, "none.sql: no such file"),
        ("generate . -o x.csv", 1, "is a folder; a schema is a .sql file"),
        ("plan mysql://localhost/x", 1, "mysql:// is no Postgres"),
        ("plan postgresql://localhost:1/x", 1, "cannot be reached"),
        ("plan postgresql://me:hidden@localhost:1/x", 1, "***"),
        ("load s.json --database-url localhost", 1, "such as postgresql://"),
        ("load s.json --database-url postgresql://localhost:1/x", 1, "cannot be reached"),
        ("verify s.json --server postgresql://localhost:1/x", 1, "cannot be reached"),
        ("generate s.json --rows team=5 -o x.csv", 1, "did you mean 'teams'?"),
        ("generate s.json -o nowhere/x.csv", 1, "nowhere/x.csv: cannot be written: there is no such folder"),
        ("generate s.json -o /proc/x.csv", 1, "/proc/x.csv: cannot be written"),
        ("generate s.json -o s.json/x.csv", 1, "cannot be written"),
        ("generate s.json --format cvs -o x", 1, "csv, tsv"),
        ("generate s.json --compression zip -o x.csv", 1, "gzip, zstd"),
        ("plan s.json --config none.yaml", 1, "none.yaml: no such file"),
        ("plan s.json --config bad.yaml", 1, "bad.yaml is not YAML"),
        ("plan s.json --config unknown.yaml", 1, "seed, tables; did you mean 'rows'?"),
        ("plan s.json --config kind.yaml", 1, "not 'cvs'; did you mean 'csv'?"),
        ("plan s.json --config count.yaml", 1, "not 'per_parent'; did you mean 'perParent'?"),
        ("plan s.json --config bounds.yaml", 1, "not 'minn'; did you mean 'min'?"),
        ("plan s.json --config all.yaml", 1, "perParent belongs to one table"),
        ("plan s.json --config place.yaml", 1, "not 'perParent', which is a table's: {'rows'"),
        ("plan s.json --config column.yaml", 1, "no column 'emial' to override; did you mean 'email'?"),
        ("plan s.json --config only.yaml", 1, "no table 'team'; did you mean 'teams'?"),
        ("plan s.json --config misspelt.yaml", 1, "did you mean 'email'?"),
        ("plan s.json --plan none.json", 1, "none.json: no such file"),
        ("plan bad.json", 1, "begins as JSON and is not"),
        ("snapshot --ddl none.sql", 1, "none.sql: no such file"),
        ("diff none.json none.json", 1, "none.json: no such file"),
        ("migrate", 1, "DATABASE_URL is missing"),
        ("serve", 1, "DATABASE_URL is missing"),
        ("migrate --database-url mysql://x", 1, "not a postgresql:// URL"),
    ],
)
def test_one_line_says_what_to_do(
    folder: Path, capsys: pytest.CaptureFixture[str], typed: str, code: int, said: str
) -> None:
    """No usage text over half a screen, no stack, no password."""
    assert main(shlex.split(typed)) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1, err
    assert "hidden" not in err
    assert not list(folder.glob(".*.part"))


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_each_command_shows_examples_that_hold(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its help ends with them, and its own parser takes them."""
    assert main([command, "--help"]) == 0
    shown = capsys.readouterr().out.partition("examples:\n")[2]
    assert len(EXAMPLES[command]) >= 2
    for example in EXAMPLES[command]:
        assert example in shown
        words = shlex.split(example.partition(" | ")[0].partition(" > ")[0])
        words = words[words.index("seedbed") + 1 :]
        parser = Parser(prog="seedbed")
        configure(command, parser)
        assert words[0] == command
        parser.parse_args(words[1:])


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("gen", {"generate"}),
        ("generate s", {"s.json"}),
        ("generate --form", {"--format"}),
        ("completion f", {"fish"}),
        ("doctor --", {"--help", "--json"}),
        ("generate --format n", {"ndjson"}),
        ("generate --compression ", {"gzip", "zstd"}),
    ],
)
def test_bash_completes(folder: Path, typed: str, offered: set[str]) -> None:
    """The script itself, asked as bash asks it."""
    words = ["seedbed", *typed.split(" ")]
    asked = (
        f"COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; _seedbed; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    done = subprocess.run(
        ["bash", "-c", f"{script('bash')}\n{asked}"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == offered


# What zsh's own functions are given, a line each: the words in the array that is named last, or behind `--`.
_ZSH_DOUBLES = """
compdef() { }
_describe() { print -l -- "${(@P)@[-1]}" }
_files() { print -l -- a-file }
compadd() { shift; print -l -- "$@" }
"""


@pytest.mark.parametrize("shell", ["zsh", "fish"])
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("gen", "generate"),
        ("generate --form", "--format"),
        ("generate --format n", "ndjson"),
        ("preview --locale de", "de_DE"),
        ("completion f", "fish"),
    ],
)
def test_other_shells_complete(shell: str, typed: str, offered: str) -> None:
    """Their scripts, asked by the shells themselves; options and commands come with what they are for."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    words = ["seedbed", *typed.split(" ")]
    if shell == "fish":
        asked = f"{script(shell)}\ncomplete -C '{' '.join(words)}'"
    else:
        at = f"words=({' '.join(words)}); CURRENT={len(words)}; PREFIX={words[-1]}; _seedbed"
        asked = f"{_ZSH_DOUBLES}\n{script(shell)}\n{at}"
    flags = ["-f"] if shell == "zsh" else []
    done = subprocess.run([shell, *flags, "-c", asked], capture_output=True, text=True, check=True)
    assert offered in [line.replace("\t", ":").partition(":")[0] for line in done.stdout.splitlines()]


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_learns_every_command(shell: str) -> None:
    """Commands and options, and where the shell is there, it can read the script."""
    text = script(shell)
    assert all(name in text for name in COMMANDS)
    assert all(o.names[-1].lstrip("-") in text for known in options().values() for o in known if o.names)
    if (program := shutil.which(shell)) is not None:
        subprocess.run([program, "-n"], input=text, text=True, check=True)
