"""Orders in a courier's columns. One that does not fit is left out, and named before anything is sent."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from flask import render_template, request
from flask.typing import ResponseReturnValue

from ordercall.config import Settings
from ordercall.domain.orders.order import Status
from ordercall.domain.parcels.courier_columns import CourierColumns, Misfit, misfit, rows
from ordercall.domain.parcels.shipping import may_be_cancelled
from ordercall.errors import InvalidRequest
from ordercall.services.demo import is_foreign
from ordercall.storage.records.calls import Call
from ordercall.storage.records.stored_order import StoredOrder
from ordercall.web.choices import read_choice
from ordercall.web.context import context
from ordercall.web.view.csv_text import csv_lines, plain

TOLD = "told"
"""What a request says for ``left_out`` after a person has seen which orders do not fit."""
PHONE = re.compile(r"\+[0-9]{1,15}")
"""In E.164: a spreadsheet takes it for a number and calculates nothing, and with an apostrophe no portal takes it."""
NAMED = 200
"""Orders that a page names at most, and that are read from Shopify at once; the next export goes on with others."""
NAMED_IN_LOG = 20
"""More in one entry nobody reads; all of them stand on the page that was shown before."""


@dataclass
class LeftOut:
    """The orders that a courier's columns cannot hold.

    Attributes:
        fit: how many orders can be sent.
        first: the first of the others, with why.
    """

    fit: int = 0
    why: Counter[Misfit] = field(default_factory=Counter)
    first: list[tuple[StoredOrder, Misfit]] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.why.total()

    @property
    def words(self) -> str:
        """How many they are and which, to follow a sentence; nothing where there is none."""
        if not self.number:
            return ""
        names = ", ".join(order.name for order, _ in self.first[:NAMED_IN_LOG])
        more = f" and {self.number - NAMED_IN_LOG} more" if self.number > NAMED_IN_LOG else ""
        return f" Left out: {names}{more}."

    def by_reason(self) -> list[tuple[Misfit, int, list[StoredOrder]]]:
        """Return each reason with how many orders it keeps out, and the first of them."""
        found = sorted(self.first, key=lambda one: one[1])
        return [
            (why, self.why[why], [order for order, _ in some]) for why, some in groupby(found, key=lambda one: one[1])
        ]


def chosen_columns() -> CourierColumns | None:
    """Return the columns that the request names, or None for our own.

    Raises:
        InvalidRequest: no file describes columns of that name.
    """
    asked, known = request.values.get("columns", ""), context().couriers
    if not asked:
        return None
    name = read_choice(asked, known)
    if name is None:
        raise InvalidRequest(f"No columns are called that; use one of {', '.join(known)}.", code="UnknownColumns")
    return known[name]


def look_for_misfits(slices: Iterable[list[tuple[StoredOrder, Call | None]]], columns: CourierColumns) -> LeftOut:
    """Return which orders do not fit; those whose lines nobody has told yet are read from Shopify."""
    found, unknown, settings = LeftOut(), list[int](), context().settings
    for some in slices:
        for order, _ in some:
            why = _misfit(order, columns, settings)
            if why is None:
                found.fit += 1
                continue
            found.why[why] += 1
            if len(found.first) < NAMED:
                found.first.append((order, why))
            if why is Misfit.UNKNOWN and len(unknown) < NAMED:
                unknown.append(order.shopify_id)
    if unknown:
        context().orders.read_again(unknown)
    return found


def page(columns: CourierColumns, left_out: LeftOut) -> ResponseReturnValue:
    """Name the orders that do not fit, with the way to export the others. It is no file, and its status says so."""
    kept = [(name, value) for name, value in request.values.items(multi=True) if name not in ("left_out", "csrf_token")]
    return render_template(
        "export-left-out.html", columns=columns, left_out=left_out, kept=kept, told=TOLD, method=request.method.lower()
    ), 409


def as_csv(
    slices: Iterable[list[tuple[StoredOrder, Call | None]]],
    columns: CourierColumns,
    settings: Settings,
    *,
    is_plain: bool,
) -> Iterator[str]:
    """Yield the file, without the mark for Excel: what a courier's portal reads begins with its first column.

    It is read when the request has ended, so nothing of the request is known here.
    """
    zone = settings.display_timezone
    safe = str if is_plain else _safe
    yield csv_lines([[safe(header) for header in columns.header]])
    for some in slices:
        fitting = (order for order, _ in some if _misfit(order, columns, settings) is None)
        yield csv_lines([safe(value) for value in row] for order in fitting for row in rows(order, columns, zone))


def _safe(text: str) -> str:
    return text if PHONE.fullmatch(text) else plain(text)


def _misfit(order: StoredOrder, columns: CourierColumns, settings: Settings) -> Misfit | None:
    """Return why an order does not fit, also by what is stored of it beside the facts.

    Lines that are older than what is read out of the order were left as they were by a webhook that tells less.
    """
    if order.confirmation_status is Status.FAILED or may_be_cancelled(order.cancel_state):
        return Misfit.CANCELLED
    if order.is_demo and is_foreign(order, settings):
        return Misfit.TEST
    if order.address_waits:
        return Misfit.ADDRESS_WAITS
    why, times = misfit(order, columns, invented=order.is_demo), order.fact_times or {}
    are_behind = "lines" in times and times["lines"] != times.get("items")
    return Misfit.UNKNOWN if why is None and are_behind else why
