"""The product's errors: each has a stable code and facts, and knows nothing of HTTP.

`app.web.problems` says which status each code answers with; the command line prints the message and exits with 1.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

# So many are told: a request that is wrong in a million ways gets a short answer too, and so does one that is wrong at
# a place whose name has a million characters.
MOST_FAULTS = 100
_MOST_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request.

    `pointer` is a JSON Pointer into the request body ("" for the whole), `code` is stable, `message` says what is
    wrong and what to do; `facts` are the names and numbers in it. A place that takes too long to name is named by what
    it is in.
    """

    pointer: str
    code: str
    message: str
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.pointer) > _MOST_CHARS:
            object.__setattr__(self, "pointer", self.pointer[:_MOST_CHARS].rpartition("/")[0])
        if len(self.message) > _MOST_CHARS:
            object.__setattr__(self, "message", _cut(self.message))
        if any(isinstance(fact, str) and len(fact) > _MOST_CHARS for fact in self.facts.values()):
            facts = {name: _cut(fact) if isinstance(fact, str) else fact for name, fact in self.facts.items()}
            object.__setattr__(self, "facts", facts)


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_CHARS else f"{text[: _MOST_CHARS - 1]}…"


class SeedbedError(Exception):
    """The root. `code` is stable and public; `facts` are safe to show to the caller."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts

    def __reduce__(self) -> Any:
        # Processes send them to each other. What made them is not what they hold: each kind asks for something else.
        return _revived, (type(self), self.args, self.__dict__)


def _revived(kind: type[SeedbedError], arguments: tuple[Any, ...], state: dict[str, Any]) -> SeedbedError:
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(state)
    return error


class RequestRefused(SeedbedError):
    """The request is wrong in the ways that `faults` lists, all of them."""

    code = "request_refused"

    def __init__(self, faults: "list[Fault]") -> None:
        first = faults[0].message if faults else "the request cannot be served"
        rest = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(first + rest)
        self.faults = list(faults)


class RequestMalformed(RequestRefused):
    """The request is not well-formed HTTP or JSON, or a parameter of it is wrong."""

    code: ClassVar[str] = "request_malformed"


class SnapshotInvalid(RequestRefused):
    """The schema snapshot is malformed or contradicts itself."""

    code = "snapshot_invalid"


class DdlRefused(RequestRefused):
    """The DDL cannot be parsed, loaded, or is not allowed here."""

    code = "ddl_refused"


class PlanRefused(RequestRefused):
    """No data can satisfy the request; each fault names table, constraint and what would have to change."""

    code = "plan_refused"


class NotAuthenticated(SeedbedError):
    """No credentials, or ones that do not hold."""

    code = "not_authenticated"


class NotPermitted(SeedbedError):
    """The caller is known and may see this, but may not do that."""

    code = "not_permitted"


class SchemaNotPermitted(RequestRefused):
    """The caller holds no privilege on tables that the request names or needs; each fault names one."""

    code = "schema_not_permitted"


class ExportNotFound(SeedbedError):
    """No such export, or none that the caller may see: the two are not told apart."""

    code = "export_not_found"


class DeliveryNotFound(SeedbedError):
    """The export has no such delivery, or none that the caller may see."""

    code = "delivery_not_found"


class NotConfigured(SeedbedError):
    """The service is not set up for what was asked; another one may be."""

    code = "not_configured"


class SchemaNotFound(SeedbedError):
    """No such stored schema, or none that the caller may see."""

    code = "schema_not_found"


class SchemaInUse(SeedbedError):
    """Exports refer to the stored schema."""

    code = "schema_in_use"


class ExportNotReady(SeedbedError):
    """The export has no file to download (yet, or any more)."""

    code = "export_not_ready"


class StateConflict(SeedbedError):
    """The export is in a state in which this cannot be done."""

    code = "state_conflict"


class IdempotencyInFlight(SeedbedError):
    """A request with this Idempotency-Key is being served at this moment."""

    code = "idempotency_in_flight"


class IdempotencyMismatch(SeedbedError):
    """This Idempotency-Key was used with another body."""

    code = "idempotency_mismatch"


class QuotaExceeded(SeedbedError):
    """The caller's allowance is used up; `facts` has `used` and `allowed`."""

    code = "quota_exceeded"


class TooLarge(SeedbedError):
    """The request body is larger than is read."""

    code = "too_large"


class StorageFailed(SeedbedError):
    """The object store did not do what it was asked. `facts["retryable"]` says whether to try again."""

    code = "storage_failed"


class DatabaseUnavailable(SeedbedError):
    """Postgres cannot be reached, or answers that it cannot serve."""

    code = "database_unavailable"


class ConfigurationInvalid(SeedbedError):
    """A setting is missing or wrong; the message names it."""

    code = "configuration_invalid"


class EmbeddedPostgresFailed(SeedbedError):
    """The embedded server did not start."""

    code = "embedded_postgres_failed"


class EmbeddedPostgresBusy(EmbeddedPostgresFailed):
    """Another process runs a server on this data folder; `facts["pid"]` is its id."""

    code = "embedded_postgres_busy"


class SignInRefused(SeedbedError):
    """Whoever tries to sign in, or to go on with a session, is not let in; `facts["reason"]` says why."""

    code = "sign_in_refused"


class AuthenticationUnavailable(SeedbedError):
    """Tokens cannot be checked or had at the moment: who would have to be asked does not answer."""

    code = "authentication_unavailable"


class OptionInvalid(SeedbedError):
    """A generator cannot be made for a column: an unknown name or option, or a type or domain that it cannot serve.

    `problems` tells the faults apart where there are several, or where one is about a single option.
    """

    code = "option_invalid"

    def __init__(self, message: str, problems: "tuple[OptionProblem, ...]" = ()) -> None:
        super().__init__(message)
        self.problems = problems or (OptionProblem((), message),)


@dataclass(frozen=True, slots=True)
class OptionProblem:
    """One fault of an override. `path` leads to it within the override; `meant` is the nearest name that there is."""

    path: tuple[str, ...]
    message: str
    meant: str | None = None


class PromptUnanswered(SeedbedError):
    """A prompt's planner gave no answer that can be used; `facts["reason"]` says in a word why."""

    code = "prompt_unanswered"


class PreviewFailed(SeedbedError):
    """The first rows of a plan could not be made within the limits of a preview."""

    code = "preview_failed"


class PlanningFailed(SeedbedError):
    """The plan of a request could not be made within the limits of a request."""

    code = "planning_failed"


class PlanningBusy(SeedbedError):
    """So many plans are being made that this one would have to wait for too long."""

    code = "planning_busy"


class LoadFailed(SeedbedError):
    """Postgres refused rows of a load; the transaction was rolled back, so nothing of it is left."""

    code = "load_failed"
