"""The built-in pages: server-rendered, then kept live by small modules of plain JavaScript."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import jinja2
from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.router import Router
from litestar.static_files import create_static_files_router
from markupsafe import Markup, escape

from app.exports.models import Access, Caller, Export, Status
from app.exports.requests import COMPRESSIONS
from app.generator.values.registry import entries
from app.web.access import identity_of, services_of
from app.web.own_paths import own_path, sign_in_path
from app.web.parameters import read_cursor, read_query
from app.web.views import downloadable_view, event_view, export_page, schema_page, share_view, usage_view

_HERE = Path(__file__).parent
# Nothing inline, nothing from elsewhere: what is injected into a page is not run, and nobody learns who reads it.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_LISTED = 30
_MOST_CONFIGURATION_BYTES = 64 * 1024
AnyRequest = Request[Any, Any, Any]
# How people sign in here: as anybody, by Supabase Auth, or with another program, whose session these pages use.
SignInWay = Literal["development", "supabase", "elsewhere"]


class Pages:
    """The templates, and what each page is told beside its own matter."""

    def __init__(self, way: SignInWay) -> None:
        self._way = way
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "size": size_text,
            "count": count_text,
            "moment": moment_text,
            "prose": prose_text,
            "facts": facts_text,
        }
        # In the order in which it was written.
        self._environment.policies["json.dumps_kwargs"] = {"sort_keys": False, "ensure_ascii": False}

    def render(
        self,
        name: str,
        *,
        visitor: Caller | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **matter: Any,
    ) -> Response[str]:
        """A page."""
        text = self._environment.get_template(name).render(visitor=_visitor_name(visitor), way=self._way, **matter)
        sent = {"Content-Security-Policy": PAGE_POLICY, "Referrer-Policy": "same-origin", "Cache-Control": "no-store"}
        return Response(text, status_code=status, media_type=MediaType.HTML, headers=sent | dict(headers or {}))

    def problem(self, problem: Mapping[str, Any], headers: Mapping[str, str]) -> Response[str]:
        """A problem as a page, for people."""
        return self.render("problem.html", status=problem["status"], headers=headers, problem=problem)


def pages_of(request: AnyRequest) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


# Where names and places may be of, as people say it.
_LOCALES = {
    "en_US": "United States", "en_GB": "United Kingdom", "de_DE": "Germany", "fr_FR": "France", "es_ES": "Spain",
    "pt_BR": "Brazil", "nl_NL": "Netherlands", "it_IT": "Italy", "ja_JP": "Japan",
}  # fmt: skip


@get("/", name="page_exports")
async def page_exports(request: AnyRequest) -> Response[str]:
    """The visitor's exports, with live bars."""
    visitor = await identity_of(request).visitor(request)
    if visitor is None:
        return _to_sign_in(request)
    (cursor,) = read_query(request, cursor=read_cursor)
    exports = services_of(request).exports
    page = export_page(await exports.list(visitor, cursor=cursor, limit=_LISTED))
    usage = usage_view(await exports.usage(visitor))
    return pages_of(request).render("exports.html", visitor=visitor, page=page, first=cursor is None, usage=usage)


@get("/exports/{export_id:uuid}", name="page_export")
async def page_export(request: AnyRequest, export_id: FromPath[UUID]) -> Response[str]:
    """One export, with what happened to it."""
    visitor = await identity_of(request).visitor(request)
    if visitor is None:
        return _to_sign_in(request)
    exports = services_of(request).exports
    export, deliveries = await exports.describe(visitor, export_id)
    events = await exports.events_after(visitor, export_id, 0, 500)
    owned = export.access is Access.OWNER
    shares = [share_view(share) for share in await exports.list_shares(visitor, export_id)] if owned else []
    return pages_of(request).render(
        "export.html",
        visitor=visitor,
        export=downloadable_view(export, None, deliveries if owned else []),
        configuration=_configuration(export),
        shares=shares,
        events=[event_view(event) for event in events],
        may_change=_may_change(export),
        may_download=export.status is Status.COMPLETED and _may_change(export),
    )


@get("/new", name="page_new")
async def page_new(request: AnyRequest) -> Response[str]:
    """The form that asks for an export."""
    visitor = await identity_of(request).visitor(request)
    if visitor is None:
        return _to_sign_in(request)
    services = services_of(request)
    # `again` is for the page's script, which fills the form from an earlier export.
    chosen, _ = read_query(request, schema=_read_chosen, again=_read_chosen)
    schemas = schema_page(await services.exports.list_schemas(visitor, cursor=None, limit=_LISTED))
    return pages_of(request).render(
        "new.html",
        visitor=visitor,
        formats=services.limits.formats,
        compressions=COMPRESSIONS,
        schemas=schemas.items,
        chosen=chosen,
        generators=sorted(entries()),
        locales=_LOCALES,
    )


@get("/schemas", name="page_schemas")
async def page_schemas(request: AnyRequest) -> Response[str]:
    """The visitor's stored schemas."""
    visitor = await identity_of(request).visitor(request)
    if visitor is None:
        return _to_sign_in(request)
    (cursor,) = read_query(request, cursor=read_cursor)
    page = schema_page(await services_of(request).exports.list_schemas(visitor, cursor=cursor, limit=_LISTED))
    return pages_of(request).render("schemas.html", visitor=visitor, page=page)


@get("/sign-in", name="page_sign_in")
async def page_sign_in(request: AnyRequest) -> Response[str]:
    """How to sign in here."""
    onward = own_path(request.query_params.get("next"))
    visitor = await identity_of(request).visitor(request)
    return pages_of(request).render("sign_in.html", visitor=visitor, notice=None, onward=onward)


def page_handlers() -> list[HTTPRouteHandler]:
    return [page_exports, page_export, page_new, page_schemas, page_sign_in]


def static_router() -> Router:
    """Styles and scripts."""
    return create_static_files_router(
        path="/static", directories=[_HERE / "static"], name="static", cache_control=None, include_in_schema=False
    )


def _read_chosen(text: str) -> str:
    return text[:36]


def _to_sign_in(request: AnyRequest) -> Response[str]:
    return Response("", status_code=303, headers={"location": sign_in_path(request), "cache-control": "no-store"})


def _visitor_name(visitor: Caller | None) -> str | None:
    if visitor is None:
        return None
    email = visitor.claims.get("email")
    return email if isinstance(email, str) and email else str(visitor.user_id)[:8]


def _configuration(export: Export) -> str | None:
    """The configuration as it is shown to people; None for one that nobody would read."""
    if export.config is None or len(export.config.text) > _MOST_CONFIGURATION_BYTES:
        return None
    shown: str = json.dumps(export.config.read(), indent=2)
    return shown


def _may_change(export: Export) -> bool:
    return export.access is not None and export.access.value in ("owner", "editor")


def size_text(size: int | None) -> str:
    """Bytes for people: 12.3 MB."""
    if size is None:
        return "–"
    number, units = float(size), ["B", "kB", "MB", "GB", "TB"]
    while number >= 1000 and len(units) > 1:
        number /= 1000
        units.pop(0)
    return f"{number:.0f} {units[0]}" if number >= 100 or units[0] == "B" else f"{number:.1f} {units[0]}"


def count_text(number: int | None) -> str:
    """A number with its thousands apart."""
    return "–" if number is None else f"{number:,}"


def moment_text(moment: datetime | None) -> str:
    """A moment in UTC; the pages' script shows it in the reader's own zone."""
    return "–" if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def facts_text(details: Mapping[str, Any] | None) -> str:
    """What an error says beside its message: code, part, attempt."""
    plain = {name: value for name, value in (details or {}).items() if isinstance(value, str | int | float)}
    return ", ".join(f"{name} {value}" for name, value in plain.items() if name != "message")


def prose_text(text: str) -> Markup:
    """Plain text of ours, with what stands between backticks as code."""
    parts = re.split(r"`([^`]*)`", text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if position % 2 else escape(part) for position, part in enumerate(parts)
    )
