"""*Settings → Audit*: what people and keys did, with filters that are the page's address; as CSV, and by the API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
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
from ordercall.web.ids import read_id
from ordercall.web.view import reading
from ordercall.web.view.csv_text import BYTE_ORDER_MARK, csv_lines, plain
from ordercall.web.view.periods import period_bounds, read_period

ABOUT = re.compile(r"(order|person|key|version|run|row) (\d{1,19})", re.ASCII)
COLUMNS = ("id", "at", "who", "address", "act", "about", "details", "previous", "hash")

bp = Blueprint("audit", __name__)


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
def show() -> ResponseReturnValue:
    """Tell what was done, the newest first, with the filters of the page."""
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
