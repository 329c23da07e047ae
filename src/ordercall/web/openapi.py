"""The document of the API, OpenAPI 3.1, made from the routes and from what each says of itself; and as a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Blueprint, Flask, Response, current_app, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.routing import Rule

from ordercall.domain.orders.order import LARGEST_ID
from ordercall.domain.people import Permission, Scope, scopes_of
from ordercall.web.access.doors import CHANGES, open_to_all
from ordercall.web.codes import CODES
from ordercall.web.declared import Told, tells
from ordercall.web.idempotency import HEADER, LONGEST_KEY
from ordercall.web.problems import PROBLEM_JSON

VERSION = "1"
"""Of the API, not of the program: what a door takes and gives is added to, and never taken away."""

JSON = "application/json"
AN_ID = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
TAGS = {
    "orders_api": "Orders",
    "api": "What is done with an order",
    "outcomes": "Reports of calls",
    "pause": "All calls",
    "do_not_call": "Numbers that must not be called",
    "policy_api": "The policy",
    "audit": "The audit log",
    "openapi": "This document",
}

SAYS = {
    400: "It cannot be used as it was sent.",
    401: "Nobody who may come in.",
    403: "The key is not for this.",
    404: "There is no such thing.",
    409: "Not as things stand now.",
    413: "The body is too large.",
    415: "The body is not announced as JSON.",
    422: "The Idempotency-Key came with another body before.",
    429: "The key has made all requests of a minute.",
    500: "Something went wrong here.",
    503: "Busy: nothing was done, send it again.",
}

bp = Blueprint("openapi", __name__, url_prefix="/api")


@dataclass(frozen=True, slots=True)
class Door:
    """A method of an address of the API, and what is said of it."""

    method: str
    path: str
    endpoint: str
    view: Any
    told: Told
    arguments: tuple[str, ...]

    @property
    def writes(self) -> bool:
        return self.method in CHANGES

    @property
    def takes_a_key(self) -> bool:
        """Whether it is a write that is carried out once for an Idempotency-Key."""
        return self.writes and bool(self.scope) and self.view.permission is not Permission.REPORT

    @property
    def scope(self) -> str:
        """The scopes that open it; nothing where nobody needs a key."""
        return scopes_of(self.view.permission) if hasattr(self.view, "permission") else ""


@bp.get("/openapi.json")
@open_to_all
@tells(Told(gives={200: dict[str, Any]}))
def document() -> ResponseReturnValue:
    """Give this document."""
    return Response(_made_once("document", lambda: current_app.json.dumps(describe(current_app))), mimetype=JSON)


@bp.get("/docs")
@open_to_all
@tells(Told(gives={}))
def page() -> ResponseReturnValue:
    """Show this document as a page."""
    shown = _made_once(
        "page", lambda: render_template("_api.html", api=describe(current_app), codes=CODES, tags=TAGS.values())
    )
    return render_template("api.html", described=Markup(shown))  # noqa: S704 - a template has made it


def _made_once(name: str, make: Callable[[], str]) -> str:
    """Return what is made at the first request for it: anybody may ask, and it takes 30 to 90 ms of a processor."""
    kept: dict[str, str] = current_app.extensions.setdefault(__name__, {})
    if name not in kept:
        kept[name] = make()
    return kept[name]


def doors_of(app: Flask) -> Iterator[Door]:
    """Yield every door of the API, as the routes have them."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            yield from _doors_of(app, rule)


def _doors_of(app: Flask, rule: Rule) -> Iterator[Door]:
    view: Any = app.view_functions[rule.endpoint]
    path = ARGUMENT.sub(r"{\1}", rule.rule)
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
        yield Door(method, path, rule.endpoint, view, view.told, tuple(ARGUMENT.findall(rule.rule)))


def describe(app: Flask) -> dict[str, Any]:
    """Return the document of an application."""
    doors = sorted(doors_of(app), key=lambda door: (list(TAGS).index(_room(door)), door.path, door.method))
    schemas = _Schemas(doors)
    paths: dict[str, dict[str, Any]] = {}
    for door in doors:
        paths.setdefault(door.path, {})[door.method.lower()] = _operation(door, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ordercall",
            "version": VERSION,
            "description": "Orders, their calls and their status. Ids are exact integers, also beyond 2^53.",
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in TAGS.values()],
        "paths": paths,
        "components": {
            "schemas": schemas.components | {"Error": _error(), "Problem": _problem()},
            "securitySchemes": _security_schemes(),
            "headers": _headers(),
        },
    }


class _Schemas:
    """The schemas of all types of the doors, each by its name."""

    def __init__(self, doors: list[Door]) -> None:
        types = [kind for door in doors for kind in _types_of(door.told)]
        made, self.components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
        self._of = dict(zip(map(id, types), made, strict=True))

    def of(self, kind: Any) -> dict[str, Any]:
        if isinstance(kind, tuple):
            return {"anyOf": [self.of(each) for each in kind]}
        return self._of[id(kind)]

    def parameters_of(self, kind: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the name and the schema of each parameter of a query."""
        name = self.of(kind)["$ref"].rpartition("/")[2]
        yield from self.components[name]["properties"].items()


def _types_of(told: Told) -> Iterator[Any]:
    for kind in (*told.gives.values(), told.takes, told.asks):
        yield from kind if isinstance(kind, tuple) else (kind,) if kind is not None else ()


def _room(door: Door) -> str:
    return door.endpoint.split(".")[0]


def _operation(door: Door, schemas: _Schemas) -> dict[str, Any]:
    summary, _, more = (door.view.__doc__ or "").partition("\n")
    operation: dict[str, Any] = {
        "operationId": door.endpoint.replace(".", "_"),
        "tags": [TAGS[_room(door)]],
        "summary": summary.strip(),
        "parameters": list(_parameters(door, schemas)),
        "responses": dict(_answers(door, schemas)),
        "security": [{"key": [door.scope]}, {"bearer": [door.scope]}, {"session": []}] if door.scope else [],
    }
    if more.strip():
        operation["description"] = " ".join(more.split())
    if door.told.takes is not None:
        content = {"schema": schemas.of(door.told.takes)} | (
            {"example": door.told.example} if door.told.example is not None else {}
        )
        operation["requestBody"] = {
            "required": not door.told.may_be_left_out,
            "content": {JSON: content},
        }
    return operation


def _parameters(door: Door, schemas: _Schemas) -> Iterator[dict[str, Any]]:
    for name in door.arguments:
        schema = AN_ID if name.endswith("_id") else {"type": "string"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    if door.told.asks:
        for name, schema in schemas.parameters_of(door.told.asks):
            yield {"name": name, "in": "query", "schema": schema}
    if door.takes_a_key:
        schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY}
        says = "A UUID of yours: a repetition with it is answered as the first was, and not carried out again."
        yield {"name": HEADER, "in": "header", "schema": schema, "description": says}


def _answers(door: Door, schemas: _Schemas) -> Iterator[tuple[str, dict[str, Any]]]:
    counted = {
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in ("RateLimit", "RateLimit-Policy")}
    }
    if door.endpoint == "openapi.page":
        yield "200", {"description": "The page.", "content": {"text/html": {}}}
    for status, kind in door.told.gives.items():
        content = {JSON: {"schema": schemas.of(kind)}}
        if status >= 400:
            content[PROBLEM_JSON] = _schema("Problem")
        says = {200: "Done.", 202: "On its way.", 502: "Kalimera refused."}[status]
        yield str(status), {"description": says, "content": content} | counted
    for status in sorted(_refusals(door) - set(door.told.gives)):
        content = {JSON: _schema("Error"), PROBLEM_JSON: _schema("Problem")}
        answer: dict[str, Any] = {"description": SAYS[status], "content": content}
        if status == 429:
            answer["headers"] = counted["headers"] | {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
        yield str(status), answer


def _refusals(door: Door) -> set[int]:
    """Return the statuses of what it may refuse."""
    found = {*door.told.refuses, 500, 503}
    if door.scope:
        found |= {401, 403, 429}
    if door.arguments:
        found |= {404}
    if door.told.asks or door.writes:
        found |= {400}
    if door.writes:
        found |= {409, 413, 415, 422}
    return found


def _schema(name: str) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{name}"}}


def _error() -> dict[str, Any]:
    text = {"type": "string"}
    inner = {"type": "object", "properties": {"code": text, "message": text}, "required": ["code", "message"]}
    return {
        "type": "object",
        "description": "What went wrong: a code that stays, and a sentence.",
        "properties": {"success": {"const": False}, "error": inner},
        "required": ["success", "error"],
    }


def _problem() -> dict[str, Any]:
    texts: dict[str, Any] = {name: {"type": "string"} for name in ("type", "title", "detail", "code")}
    return {
        "type": "object",
        "description": f"The same as problem details (RFC 9457), for whoever names {PROBLEM_JSON} in Accept.",
        "properties": texts | {"status": {"type": "integer"}},
        "required": [*texts, "status"],
    }


def _security_schemes() -> dict[str, Any]:
    scopes = "; ".join(f"{scope}: {scope.says}" for scope in Scope)
    return {
        "key": {"type": "apiKey", "in": "header", "name": "X-App-Token", "description": f"A key. Scopes: {scopes}"},
        "bearer": {"type": "http", "scheme": "bearer", "description": "The same key."},
        "session": {
            **{"type": "apiKey", "in": "cookie", "name": "session"},
            "description": "Somebody who is logged in; a write wants the page's token as X-CSRFToken.",
        },
    }


def _headers() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "RateLimit": {
            "schema": text,
            "description": "r: requests that are left, t: seconds until there are all again.",
        },
        "RateLimit-Policy": {"schema": text, "description": "q: requests that a key may make in w seconds."},
        "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds until the next request may come."},
    }
