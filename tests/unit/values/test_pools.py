"""The frozen pools: complete, clean, and still what the script writes."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from app.generator.pools import LOCALES, freeze, library, pool, resolve_locale, table

_ROOT = Path(library.__file__).parent / "v1"
_FILES = sorted(_ROOT.glob("*/*.txt"))


def test_the_script_writes_the_committed_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the Faker of the lock file, byte for byte: nothing was edited by hand, nothing depends on the day."""
    monkeypatch.setattr(freeze, "_ROOT", tmp_path)
    (tmp_path / "en_US").mkdir()
    freeze.main()
    written = sorted(tmp_path.glob("*/*.txt"))
    assert len(written) > 50
    for path in written:
        assert path.read_bytes() == (_ROOT / path.relative_to(tmp_path)).read_bytes(), path


@pytest.mark.parametrize("path", _FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_files_are_clean(path: Path) -> None:
    """UTF-8, a line break at the end of each line, no entry twice, none empty, none that leads like a formula."""
    text = path.read_text("utf-8")
    assert text.endswith("\n")
    lines = text.split("\n")[:-1]
    assert len(lines) >= 2
    if path.stem in library.TABLES:
        assert len({line.count("\t") for line in lines}) == 1
        return
    assert len({line.strip().lower() for line in lines}) == len(lines)
    assert not any(line[0] in "=+-@\t" for line in lines)
    # A number at the end could read like the one that tells entries apart.
    assert not any(line.split(" ")[-1].isdigit() for line in lines if path.stem not in ("operating_systems",))


def test_the_pools_are_small() -> None:
    """They travel with every installation."""
    assert sum(path.stat().st_size for path in _FILES) < 1_000_000


@pytest.mark.parametrize("locale", LOCALES)
def test_every_locale_has_what_it_needs(locale: str) -> None:
    """Names, words, streets and places of its own."""
    for name in ("first_names_f", "first_names_m", "last_names", "words", "streets", "jobs", "company_forms"):
        assert len(pool(locale, name)) >= (3 if name == "company_forms" else 20)
    places = table(locale, "places")
    assert len(places["city"]) >= 35
    assert pc.all(pc.less(pc.abs(pc.cast(places["latitude"], pa.float64())), 90)).as_py()


def test_locales_fall_back_to_their_language() -> None:
    """Austria reads German; a locale that nobody knows reads English."""
    assert resolve_locale("de_AT") == "de_DE"
    assert resolve_locale("pt") == "pt_BR"
    assert resolve_locale("fr-CA.UTF-8") == "fr_FR"
    assert resolve_locale("tlh") == "en_US"


def test_only_the_pools_that_are_asked_for_are_read() -> None:
    """Start-up stays small: nothing is read on import."""
    pool.cache_clear()
    pool("de_DE", "words")
    assert pool.cache_info().currsize == 1
