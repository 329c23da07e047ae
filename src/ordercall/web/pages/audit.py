"""*Settings → Audit*: what people and keys did, with filters that are the page's address; as CSV, and by the API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypedDict

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from msgspec import Meta
from sqlalchemy import Connection, select

from ordercall.domain.audit import Act, AuditRow
from ordercall.domain.people import Permission
from ordercall.storage.engine.database import Database
from ordercall.storage.reads.order_filter import is_numbered
from ordercall.storage.records import audit
from ordercall.storage.records.audit import PAGE, Wanted
from ordercall.storage.tables import orders
from ordercall.web.access.doors import PROGRAMS, needs
from ordercall.web.choices import read_choice
from ordercall.web.context import context
from ordercall.web.declared import Id, Told, asked, tells
from ordercall.web.ids import read_id
from ordercall.web.view import reading
from ordercall.web.view.csv_text import BYTE_ORDER_MARK, csv_lines, plain
from ordercall.web.view.periods import period_bounds, read_period

ABOUT = re.compile(r"(order|person|key|version|run|row|privacy request) (\d{1,19})", re.ASCII)
COLUMNS = ("id", "at", "who", "address", "act", "about", "details", "previous", "hash")

bp = Blueprint("audit", __name__)

AuditAsked = TypedDict(
    "AuditAsked",
    {
        "who": Annotated[str, Meta(description="A person, a key or a program, as the rows name them.")],
        "act": Act,
        "about": Annotated[str, Meta(description="An order's number or id, or such as key 3.")],
        "range": Literal["today", "yesterday", "7d", "14d", "30d", "all"],
        "from": Annotated[date, Meta(description="The first day, in DISPLAY_TIMEZONE; wins over range.")],
        "to": Annotated[date, Meta(description="The last day.")],
        "before": Annotated[Id, Meta(description="before of the answer before.")],
    },
    total=False,
)
"""Which rows."""


class AuditRowJson(TypedDict):
    """One row. ``at`` is in POSIX seconds, to the digit that was hashed."""

    id: Id
    at: float
    who: str
    address: str
    act: str
    about: str
    details: dict[str, Any]
    previous: str
    hash: str


class AuditPage(TypedDict):
    """Fifty rows, the newest first. ``before`` leads on; null: there are no older ones."""

    success: Literal[True]
    rows: list[AuditRowJson]
    before: Id | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as the page shows it. ``order`` is the order that it is about."""

    row: AuditRow
    at: datetime
    says: str
    order: int | None
    details: str


@bp.get("/settings/audit")
@needs(Permission.AUDIT)
def page() -> ResponseReturnValue:
    """Show what was done, the newest first."""
    with context().db.read() as tx:
        rows, older = _page_of(tx)
        everybody = audit.doers(tx)
    asked = {name: request.args.get(name, "") for name in ("who", "act", "about", "from", "to")}
    return render_template(
        "settings-audit.html",
        here=url_for("audit.page"),
        known=None,
        draft=None,
        locks={},
        rows=[_shown(row) for row in rows],
        older=older,
        asked=asked,
        narrowed={name: value for name, value in asked.items() if value},
        everybody=everybody,
        acts=list(Act),
    )


@bp.get("/settings/audit.csv")
@needs(Permission.AUDIT)
def csv() -> ResponseReturnValue:
    """Send the rows that the page would show, oldest first. That they were sent is a row, too."""
    db = context().db
    with db.begin() as tx:
        wanted = _wanted(tx)
        audit.write(tx, Act.AUDIT_EXPORTED)
    answer = Response(_lines(db, wanted), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="audit-{reading.now():%Y-%m-%d}.csv"'
    return answer


@bp.get("/api/audit")
@needs(Permission.AUDIT, PROGRAMS)
@tells(Told(asks=AuditAsked, gives={200: AuditPage}))
def show() -> ResponseReturnValue:
    """Tell what was done, the newest first, with the filters of the page."""
    asked(AuditAsked)
    with context().db.read() as tx:
        rows, older = _page_of(tx)
    return jsonify(success=True, rows=[row.to_json() for row in rows], before=older)


def _page_of(tx: Connection) -> tuple[list[AuditRow], int | None]:
    """Return the rows of a page, and behind which the next one goes on."""
    found = audit.newest(tx, _wanted(tx), before=read_id(request.args.get("before")))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def _wanted(tx: Connection) -> Wanted:
    """Return which rows the address asks for. A word that is none of ours narrows nothing."""
    since, until = period_bounds(read_period(request.args) or "all", reading.now())
    about = request.args.get("about", "").strip()
    return Wanted(
        who=request.args.get("who", ""),
        act=read_choice(request.args.get("act"), Act),
        about=_subjects(tx, about) if about else None,
        since=since.timestamp() if since else None,
        until=until.timestamp() if until else None,
    )


def _subjects(tx: Connection, about: str) -> tuple[str, ...]:
    """Return what rows are about of whom a person wrote this: *key 3*, or an order's number or id."""
    if found := ABOUT.fullmatch(about.casefold()):
        return (f"{found[1]} {int(found[2])}",)
    return tuple(
        f"order {found}" for found in tx.execute(select(orders.c.shopify_id).where(is_numbered(about))).scalars()
    )


def _shown(row: AuditRow) -> Shown:
    about = ABOUT.fullmatch(row.about)
    details: dict[str, Any] = json.loads(row.details)
    details.pop("marks", None)
    return Shown(
        row=row,
        at=datetime.fromtimestamp(row.at, UTC),
        says=Act(row.act).says if row.act in set(Act) else row.act,
        order=int(about[2]) if about and about[1] == "order" else None,
        details=", ".join(f"{name} {_in_words(value)}" for name, value in details.items() if value is not None),
    )


def _in_words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _lines(db: Database, wanted: Wanted) -> Iterator[str]:
    yield BYTE_ORDER_MARK + csv_lines([list(COLUMNS)])
    behind = 0
    while True:
        with db.read() as tx:
            rows = audit.oldest(tx, wanted, behind=behind)
        if not rows:
            return
        yield csv_lines(_line(row) for row in rows)
        behind = rows[-1].id


def _line(row: AuditRow) -> list[str]:
    at = datetime.fromtimestamp(row.at, UTC).isoformat()
    return [plain(str(value)) for value in (row.id, at, *(getattr(row, name) for name in COLUMNS[2:]))]
