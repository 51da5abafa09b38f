"""Programs outside of Python read whole files: archivers, Node, a browser."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.generator.layout import Facts, Output, layout, render_all, render_part, render_tail, sizes
from tests.fixtures.programs import program
from tests.unit.formats.samples import make_plan, rows_of, table_plan, values_of

ROWS = 1_500
TABLE = table_plan("every type", ROWS)
PLAN = make_plan(TABLE)
SEVERAL = make_plan(TABLE, table_plan("Other", 3), table_plan("none", 0))


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many compressed pieces in a small file: what a large export is made of."""
    monkeypatch.setattr(sizes, "_PIECE_ROWS", 200)


def in_parts(plan: Any, output: Output) -> bytes:
    """A file that was made in parts, and is the one made in one go."""
    shape = layout(plan, output, 20_000, least_part_bytes=1, source=rows_of)
    assert len(shape.parts) > 3
    made, facts = b"", list[Facts]()
    for part in shape.parts:
        rendered = render_part(plan, shape, part, earlier=facts, source=rows_of)
        made += b"".join(rendered)
        facts.append(rendered.facts)
    data = made + render_tail(plan, shape, facts)
    assert data == b"".join(render_all(plan, output, source=rows_of))
    return data


def run(command: list[str], folder: Path) -> bytes:
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60).stdout


@pytest.mark.parametrize("form", ["csv", "ndjson", "json", "copy", "sql"])
@pytest.mark.parametrize(("compression", "name"), [("gzip", "gzip"), ("zstd", "zstd")])
def test_archivers_test_and_unpack_compressed_files(tmp_path: Path, form: str, compression: str, name: str) -> None:
    """`gzip -t` and `zstd -t` find nothing wrong, and what they unpack is the file without compression."""
    unpack = program(name)
    (tmp_path / "file").write_bytes(in_parts(PLAN, Output(form, compression)))
    with open(tmp_path / "file", "rb") as packed:
        subprocess.run([unpack, "-t"], stdin=packed, check=True, capture_output=True, timeout=60)
        packed.seek(0)
        unpacked = subprocess.run([unpack, "-dc"], stdin=packed, check=True, capture_output=True, timeout=60).stdout
    assert unpacked == b"".join(render_all(PLAN, Output(form), source=rows_of))


@pytest.mark.parametrize("form", ["csv", "tsv", "ndjson", "json", "parquet", "xlsx"])
def test_unzip_tests_and_unpacks_archives(tmp_path: Path, form: str) -> None:
    """`unzip -t` finds nothing wrong, and each table's file in an archive is what it is alone."""
    unzip = program("unzip")
    (tmp_path / "file.zip").write_bytes(in_parts(SEVERAL, Output(form)))
    assert b"No errors detected" in run([unzip, "-t", "file.zip"], tmp_path)
    if form == "xlsx":
        return  # its sheets are for spreadsheets to read
    for table in SEVERAL.tables:
        alone = b"".join(render_all(make_plan(table), Output(form), source=rows_of))
        members = run([unzip, "-Z1", "file.zip"], tmp_path).decode().splitlines()
        name = next(m for m in members if m.startswith(table.name.name.replace(" ", "_")))
        assert run([unzip, "-p", "file.zip", name], tmp_path) == alone


_NODE = """
const [path, form] = process.argv.slice(1);
const text = require("fs").readFileSync(path, "utf8");
const rows = form === "json" ? JSON.parse(text) : text.split("\\n").slice(0, -1).map((line) => JSON.parse(line));
process.stdout.write(JSON.stringify(rows));
"""


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_node_parses_json(tmp_path: Path, form: str) -> None:
    """JSON.parse gives every value: texts to the letter, numbers as near as JavaScript's come to them."""
    node = program("node", "nodejs")
    (tmp_path / "file").write_bytes(in_parts(PLAN, Output(form)))
    found = json.loads(run([node, "-e", _NODE, "file", form], tmp_path), parse_int=float)
    assert len(found) == ROWS
    columns = [column.name for column in TABLE.columns]
    for row, values in zip(found, values_of(TABLE, ROWS), strict=True):
        assert list(row) == columns
        for name, value in zip(columns, values, strict=True):
            assert row[name] == in_javascript(name, value), name


def in_javascript(name: str, value: Any) -> Any:
    """A value as JSON.parse is to give it; texts that Postgres writes in its own way are compared elsewhere."""
    if value is None or isinstance(value, bool):
        return value
    if name == "json":
        return json.loads(value, parse_int=float)
    if name in _GRIDS:
        return None if value is None else json.loads(_GRIDS[name].get(value, "[]"), parse_int=float)
    if name == "exact" and value != "NaN":
        return float(value)
    if name == "documents":
        return [None if one is None else json.loads(one, parse_int=float) for one in value]
    if isinstance(value, float) and value - value != 0:
        return {float("inf"): "Infinity", float("-inf"): "-Infinity"}.get(value, "NaN")
    if isinstance(value, int | float | Decimal):
        return float(value)
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, list):
        return [in_javascript("", one) for one in value]
    if hasattr(value, "isoformat"):
        text = value.isoformat()
        head, point, fraction = text.partition(".")
        zone = "+00:00" if text.endswith("+00:00") else ""
        digits = fraction.removesuffix(zone).rstrip("0")
        return f"{head}.{digits}{zone}" if point else text
    return value


# What the arrays of two dimensions, which travel as text, are in JSON.
_GRIDS = {
    "grid": {"{{1,2},{3,NULL}}": "[[1, 2], [3, null]]"},
    "signs": {
        '{{a,"b c"},{"d,{e}","q\\"\\\\"}}': '[["a", "b c"], ["d,{e}", "q\\"\\\\"]]',
        '{{NULL,"NULL"},{"",é}}': '[[null, "NULL"], ["", "é"]]',
        '{{"line\nbreak","\t"}}': '[["line\\nbreak", "\\t"]]',
    },
    "instants": {
        '{{"2024-02-29 12:00:00+00"},{NULL}}': '[["2024-02-29T12:00:00+00:00"], [null]]',
        '{{"2024-02-29 12:00:00.25+00"}}': '[["2024-02-29T12:00:00.25+00:00"]]',
    },
    "answers": {"{{t,f},{NULL,t}}": "[[true, false], [null, true]]"},
}


_PAGE = """<!doctype html><script type="module">
const told = {};
const hex = async (stream) => {
  const bytes = await new Response(stream).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};
try {
  const packed = await fetch("/packed");
  told.decompressed = await hex(packed.body.pipeThrough(new DecompressionStream("gzip")));
  told.encoded = await hex((await fetch("/encoded")).body);
  told.rows = (await (await fetch("/document")).json()).length;
} catch (error) {
  told.error = String(error);
}
await fetch("/told", { method: "POST", body: JSON.stringify(told) });
</script>"""


class _Site(ThreadingHTTPServer):
    """Serves the files, and hears what the page made of them."""

    def __init__(self, packed: bytes, document: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told: dict[str, Any] | None = None
        self.heard = threading.Event()
        self.answers = {
            "/": ({"Content-Type": "text/html"}, _PAGE.encode()),
            "/packed": ({"Content-Type": "application/gzip"}, packed),
            "/encoded": ({"Content-Type": "text/csv", "Content-Encoding": "gzip"}, packed),
            "/document": ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, document),
        }


class _Handler(BaseHTTPRequestHandler):
    server: _Site

    def do_GET(self) -> None:  # named by the base class
        headers, body = self.server.answers.get(self.path, ({}, b""))
        self.send_response(200 if headers else 404)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:  # named by the base class
        self.server.told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        self.server.heard.set()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def serving(packed: bytes, document: bytes) -> Iterator[_Site]:
    site = _Site(packed, document)
    thread = threading.Thread(target=site.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        thread.join()
        site.server_close()


@pytest.mark.slow
def test_a_browser_unpacks_gzip(tmp_path: Path) -> None:
    """By DecompressionStream and by Content-Encoding, all of it: browsers stop silently after a first member."""
    import hashlib

    chromium = program("chromium")
    packed = in_parts(PLAN, Output("csv", "gzip"))
    plain = hashlib.sha256(b"".join(render_all(PLAN, Output("csv"), source=rows_of))).hexdigest()
    with serving(packed, in_parts(PLAN, Output("json", "gzip"))) as site:
        command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        command += [f"--user-data-dir={tmp_path}/profile", "--remote-debugging-port=0"]
        browser = subprocess.Popen(
            [*command, f"http://127.0.0.1:{site.server_address[1]}/"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert site.heard.wait(60), "the browser did not come back"
        finally:
            browser.terminate()
            browser.wait(20)
    assert site.told == {"decompressed": plain, "encoded": plain, "rows": ROWS}
