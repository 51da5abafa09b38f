"""Words of a trade: pools by name, and the names of companies, products and works that are made of them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.generator.keys import Rows
from app.generator.pools import pool, resolve_locale
from app.generator.pools.library import pool_names
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option, invalid
from app.generator.values.fitting import text_limits
from app.generator.values.generator import Generator, Siblings
from app.generator.values.people import distinct
from app.generator.values.slugs import slugs
from app.generator.values.strings import join, number
from app.generator.values.texts import Phrases, longest, not_longer

_ENGLISH_ONLY_LINES = frozenset({"ja_JP"})


class Prose(Phrases):
    """One to three sentences of a pool."""

    def __init__(self, sentences: pa.Array, most: int | None, count: int = 2) -> None:
        room = most if most is not None else 10_000
        longest_sentence = longest(sentences)
        fitting = max(1, min(count, (room + 1) // (longest_sentence + 1)))
        parts: list[pa.Array | str] = [sentences]
        for _ in range(fitting - 1):
            parts += [" ", sentences]
        super().__init__(parts, tag=" #")


class Slugs:
    """A sibling's text as a slug, or words; distinct ones end in a number."""

    arrow_type = pa.string()

    def __init__(self, source: str | None, words: pa.Array, most: int | None) -> None:
        self.needs = (source,) if source else ()
        self._source = source
        self._most = most if most is not None else 200
        own = Phrases([words, "-", words], tag="-").within(0, self._most)
        self._own = own or Phrases([not_longer(words, max(4, self._most))])
        # Without room for words and a number somebody else must count.
        self.capacity = own.capacity if own else None
        self.block = 1000 if own else None
        self.longest, self.shortest = self._most, 1

    def at(self, index: Rows) -> pa.Array:
        """Two words and a number."""
        return self._own.at(index)

    def tag(self, index: Rows, key: int, rows: Rows, siblings: Siblings) -> pa.Array:
        """The natural slug without its digits' end, and a number."""
        text = pc.replace_substring_regex(self.draw(key, rows, siblings, 0), "[0-9-]+$", "")
        cut = pc.utf8_slice_codeunits(text, 0, max(0, self._most - 12))
        return pc.utf8_ltrim(join(cut, "-", number(index + 1)), "-")

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The sibling's text in lower case with hyphens."""
        own = self._own.draw(key, rows, siblings, salt)
        text = own
        if self._source and self._source in siblings:
            found = slugs(siblings[self._source].cast(pa.string()), "-")
            text = pc.if_else(pc.equal(found, ""), own, found)
        cut = pc.utf8_slice_codeunits(text, 0, self._most)
        return pc.utf8_rtrim(cut, "-")


def _from_pool(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    name = str(options["name"])
    try:
        return Phrases([pool(resolve_locale(context.locale), name)])
    except KeyError:
        known = ", ".join(pool_names())
        raise invalid(f"there is no pool {name!r}; there are {known}") from None


def _companies(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    locale = resolve_locale(context.locale)
    kinds, forms = pool(locale, "company_kinds"), pool(locale, "company_forms")
    stems = pool("en_US", "company_stems") if locale.startswith("en") else pool(locale, "last_names")
    if locale == "ja_JP":
        return Phrases([forms, stems, kinds])
    limits = text_limits(context)
    if limits.most is not None and limits.most < 30:
        return Phrases([stems, " ", kinds])
    return Phrases([stems, " ", kinds, " ", forms])


def _products(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    locale = resolve_locale(context.locale)
    nouns = pool(locale, "product_nouns")
    if locale.startswith("en"):
        adjectives, materials = pool(locale, "product_adjectives"), pool(locale, "product_materials")
        limits = text_limits(context)
        if limits.most is not None and limits.most < 40:
            return Phrases([adjectives, " ", nouns])
        return Phrases([adjectives, " ", materials, " ", nouns])
    lines = pool(locale if locale in _ENGLISH_ONLY_LINES else "en_US", "product_lines")
    return Phrases([nouns, " ", lines])


def _works(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    locale = resolve_locale(context.locale)
    if not locale.startswith("en"):
        return Phrases([pool(locale, "headlines")])
    return Phrases(["The ", pool(locale, "story_adjectives"), " ", pool(locale, "story_nouns")])


def _jobs(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return Phrases([pool(resolve_locale(context.locale), "jobs")])


def _prose(name: str, count: int) -> Any:
    def make(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
        locale = resolve_locale(context.locale)
        # Messages and the like are English only: elsewhere comments say enough.
        known = name in _EVERY_LOCALE and not (locale.startswith("ja") and name in _NOT_IN_JAPANESE)
        wanted = name if locale.startswith("en") or known else "comments"
        sentences = int(options.get("sentences", count))
        return Prose(pool(locale, wanted), text_limits(context).most, sentences)

    return make


def _words(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    words = pool(resolve_locale(context.locale), "words")
    count = max(1, min(int(options.get("count", 3)), 8))
    parts: list[pa.Array | str] = [words]
    for _ in range(count - 1):
        parts += [" ", words]
    return Phrases(parts)


def _slugs(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return Slugs(options.get("of"), _slug_words(), text_limits(context).most)


@lru_cache(maxsize=1)
def _slug_words() -> pa.Array:
    return distinct(slugs(pool("en_US", "words")))


_EVERY_LOCALE = frozenset({"descriptions", "comments", "headlines", "notes", "paragraphs", "ticket_texts", "tickets"})
_NOT_IN_JAPANESE = frozenset({"paragraphs", "ticket_texts", "tickets"})
_SENTENCES = {"sentences": Option("integer", "how many sentences")}

ENTRIES = (
    Entry(
        "pool",
        "One of a pool's words, by the pool's name",
        ("text",),
        _from_pool,
        {"name": Option("string", "the pool", True)},
        {"name": "departments"},
    ),
    Entry("company", "Name of a made-up company", ("text",), _companies),
    Entry("product", "Name of a product", ("text",), _products),
    Entry("work_title", "Title of a film, book or song", ("text",), _works),
    Entry("job_title", "Job title", ("text",), _jobs),
    Entry("headline", "Headline of an article or a post", ("text",), _prose("headlines", 1), _SENTENCES),
    Entry("description", "Sentences that describe a thing", ("text",), _prose("descriptions", 2), _SENTENCES),
    Entry("comment", "What people say: reviews, remarks, replies", ("text",), _prose("comments", 2), _SENTENCES),
    Entry("note", "Notes of people at work", ("text",), _prose("notes", 1), _SENTENCES),
    Entry("article_text", "Sentences of something that is read", ("text",), _prose("paragraphs", 5), _SENTENCES),
    Entry("ticket_text", "What somebody writes to the support", ("text",), _prose("ticket_texts", 2), _SENTENCES),
    Entry("message", "Short messages", ("text",), _prose("messages", 1), _SENTENCES),
    Entry("bio", "How people describe themselves", ("text",), _prose("bios", 2), _SENTENCES),
    Entry("error_message", "What programs say when they fail", ("text",), _prose("errors", 1), _SENTENCES),
    Entry("ticket", "Subject of a support request", ("text",), _prose("tickets", 1), _SENTENCES),
    Entry(
        "words",
        "Some words that make no sentence",
        ("text",),
        _words,
        {"count": Option("integer", "how many, 1 to 8")},
        {"count": 2},
    ),
    Entry(
        "slug",
        "A column's text in lower case with hyphens, or words",
        ("text",),
        _slugs,
        {"of": Option("column", "the column with the text")},
        {"of": "title"},
    ),
)
