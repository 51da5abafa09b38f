"""What a row has on some occasion only: why it was cancelled, the card that it was paid with."""

from typing import Any

from app.generator.meaning.naming import raw_tokens, tokens
from app.generator.meaning.surroundings import Surroundings
from app.generator.values.entries import family
from app.generator.values.statuses import states_after

# What is said of something that has been done, by the words for it in a name.
_DONE = {
    "cancelled": "cancel cancelled canceled cancellation storno stornierung annulation cancelacion cancelamento",
    "lost": "lost loss",
    "rejected": "reject rejected rejection ablehnung rejet refus rechazo rejeicao",
    "declined": "decline declined",
    "failed": "fail failed failure error",
    "refunded": "refund refunded",
    "suspended": "suspend suspended suspension",
    "terminated": "terminate terminated",
    "resolved": "resolution resolved",
}
_VERB_OF = {word: verb for verb, words in _DONE.items() for word in words.split()}
# What such a word is about: the reason, not the number of failures nor the policy for refunds.
_SAID = frozenset(
    """reason note notes comment comments message msg code detail details explanation description grund motivo motif
    raison text""".split()
)
# Means of paying, by the words of a column that is about one, and by those of the values that choose it.
_MEANS = (
    (frozenset({"card", "cc", "cvv", "cvc"}), frozenset({"card", "creditcard", "kreditkarte", "karte", "tarjeta"})),
    (
        frozenset({"iban", "bic", "swift", "sepa", "routing"}),
        frozenset({"sepa", "bank", "transfer", "iban", "ach", "wire", "lastschrift", "ueberweisung", "debit"}),
    ),
    (frozenset({"cheque", "check"}), frozenset({"cheque", "check"})),
    (frozenset({"paypal"}), frozenset({"paypal"})),
)
_EXPIRY = frozenset({"exp", "expiry", "expires", "expiration"})


def occasion(around: Surroundings) -> dict[str, Any] | None:
    """The rule (`when`) by which a column that may be null has a value; None where it may have one in any row."""
    context = around.context
    if not around.nullable or context.unique or context.type.array_dims or family(context) not in ("text", "number"):
        return None
    return _by_means(around) or _by_what_was_done(around) or _by_whom(around)


def _by_what_was_done(around: Surroundings) -> dict[str, Any] | None:
    known = around.raw | set(around.words)
    verb = next((_VERB_OF[word] for word in sorted(known) if word in _VERB_OF), None)
    if verb is None or not known & _SAID or family(around.context) != "text":
        return None
    status = around.status()
    states = states_after(verb, around.enum_labels(status)) if status is not None else ()
    if status is not None and states:
        return {"column": status, "words": list(states)}
    done = (name for name in around.moments() if any(_VERB_OF.get(word) == verb for word in _words(name)))
    if (moment := next(done, None)) is not None:
        return {"column": moment, "words": []}
    flags = (name for name, ref in sorted(around.context.siblings.items()) if ref.name == "bool" and not ref.array_dims)
    flag = next((name for name in flags if any(_VERB_OF.get(word) == verb for word in _words(name))), None)
    return {"column": flag, "words": []} if flag is not None else None


def _by_whom(around: Surroundings) -> dict[str, Any] | None:
    """Nobody has revoked what has not been revoked: who did something, beside when it was done."""
    if around.words[-1:] != ("by",) or len(around.words) < 2 or family(around.context) != "text":
        return None
    done = next((name for name in around.moments() if around.words[0] in around.said(name)), None)
    return {"column": done, "words": []} if done is not None else None


def _by_means(around: Surroundings) -> dict[str, Any] | None:
    """A card's digits where one pays by card, of a row that says how it is paid."""
    about = around.raw | set(around.words)
    if about & _EXPIRY and any("card" in raw_tokens(name) for name in around.context.siblings):
        about = about | {"card"}
    chosen_by = next((values for words, values in _MEANS if words & about), None)
    if chosen_by is None:
        return None
    for name in sorted(around.context.siblings):
        labels = around.enum_labels(name)
        if not labels:
            continue
        fitting = [label for label in labels if chosen_by & _words(label)]
        if "card" not in chosen_by:  # a debit card is no debit
            fitting = [label for label in fitting if "card" not in _words(label)]
        if fitting and len(fitting) < len(labels):
            return {"column": name, "words": fitting}
    return None


def _words(name: str) -> set[str]:
    return {*raw_tokens(name), *tokens(name)}
