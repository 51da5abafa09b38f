"""Lists of words and of how names spell them, by language: the files that `verbs.py` and `cutting.py` read by."""

from pathlib import Path


def by_language(file: str) -> dict[str, dict[str, str]]:
    """Words by language and by their spellings, out of a file beside this one: a line is `language word: spellings`, or
    begins with a # and says something. Lines that begin with four spaces go on with the one before."""
    found: dict[str, dict[str, str]] = {}
    text = (Path(__file__).parent / file).read_text("utf-8").replace("\n    ", " ")
    for line in text.splitlines():
        head, _, spellings = line.partition(": ")
        language, _, word = head.partition(" ")
        if language != "#":
            found.setdefault(language, {}).update(dict.fromkeys(spellings.split(), word))
    return found
