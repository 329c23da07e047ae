"""An order as it is stored, with a type for each column, and the one place where it is made of its row.

A SQLite file keeps a value of any kind in any column, and that of the original program came with texts of its own. So
what is not of its column's kind is read as unknown. A word of ours that this version does not know (a newer one wrote
it while both ran) is read as none: a request that may have left is looked up before another one leaves, so nobody is
called or cancelled twice by that.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter, itemgetter
from typing import Any, get_type_hints

from sqlalchemy import Row

from ordercall.domain.calls.calling import CallingState, CallWindow, Language, Reason
from ordercall.domain.orders.order import (
    CHANGING,
    JUDGED_BY,
    CancelChoices,
    CancelReason,
    CancelState,
    Fulfilment,
    OrderFacts,
    Status,
)
from ordercall.domain.orders.payment import PENDING
from ordercall.domain.parcels.shipping import is_to_ship
from ordercall.storage.tables import orders


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoredOrder(OrderFacts):
    """All that is known of an order. Times are aware, in UTC.

    Attributes:
        confirmation_status: None for a word that is none of the four, which the original program's file may hold.
        webhook_timestamp: when it reached us.
        status_word: that word, or the status.
        window: in which its customer is rung; None until its campaign was set to one.
        address_waits: its customer gave another address in a call, which is not dealt with.
        cancel_choices: how it is to be cancelled in Shopify; by the defaults where nobody chose.
        fact_times: the facts that are not as of ``shopify_updated_at``, with the unix seconds as of which they are, or
            None where no body has told them yet. None: all of them are.
    """

    webhook_timestamp: datetime | None
    confirmation_status: Status | None
    status_word: str
    status_changed_at: datetime | None
    status_changed_by: str | None
    calling_state: CallingState | None
    calling_reason: Reason | None
    calling_detail: str | None
    language: Language | None
    contact_id: str | None
    campaign_id: str | None
    window: CallWindow | None
    cancel_state: CancelState | None
    cancel_detail: str | None
    cancel_choices: CancelChoices
    cancel_job: str | None
    cancel_asked_at: datetime | None
    erased_at: datetime | None
    is_demo: bool
    address_waits: bool
    fact_times: dict[str, float | None] | None

    @property
    def unknown(self) -> frozenset[str]:
        return frozenset(name for name, at in (self.fact_times or {}).items() if at is None) & JUDGED_BY

    @property
    def name(self) -> str:
        """What people call it."""
        return self.order_name or str(self.shopify_id)

    @property
    def phone_to_ring(self) -> str:
        """Its phone, once it is clear that it may be called: then it has one."""
        if not self.customer_phone:
            raise ValueError(f"order {self.shopify_id} is to be called and has no phone")
        return self.customer_phone

    @property
    def version(self) -> str:
        """The version of its status, for optimistic locking. The same status, set anew, has another one."""
        return status_version(self.status_word, self.status_changed_at)

    @property
    def is_to_ship(self) -> bool:
        """Whether it waits for its parcel."""
        return is_to_ship(self, self.confirmation_status, self.cancel_state, address_waits=self.address_waits)

    @property
    def on_its_way(self) -> bool:
        """Whether a job brings it to its campaign."""
        return self.calling_state is not None and self.calling_state.on_its_way

    @property
    def is_left_to_a_person(self) -> bool:
        """Whether no job brings it on its way again: whoever does that queues it."""
        return self.calling_state is CallingState.FAILED or self.calling_reason is Reason.DO_NOT_CALL

    @property
    def why_not_on_campaign(self) -> str:
        """Why its calling went no further, in a sentence or two; empty where that was not stored."""
        why = self.calling_detail or (self.calling_reason.sentence if self.calling_reason else "")
        return f"{why} {self.phone_fault}" if self.calling_reason is Reason.NO_PHONE and self.phone_fault else why

    @property
    def cancel_under_way(self) -> bool:
        """Whether a cancellation of it is still being worked on."""
        return self.cancel_state is not None and self.cancel_state.under_way

    @property
    def cancel_waits(self) -> bool:
        """Whether a cancellation of it waits, which can be undone."""
        return self.cancel_state is not None and self.cancel_state.waits

    @property
    def cancel_left_to_a_person(self) -> bool:
        """Whether nothing but a person brings its cancellation to an end."""
        return self.cancel_state is not None and self.cancel_state.left_to_a_person

    @property
    def cancel_may_have_left(self) -> bool:
        """Whether Shopify may have been asked to cancel it."""
        return self.cancel_state is not None and self.cancel_state.may_have_left


def status_version(word: str, changed_at: datetime | None) -> str:
    return f"{word} {changed_at.timestamp() if changed_at else 0!r}"


def stored_order(row: Row[Any]) -> StoredOrder:
    """Return the order of a whole row of the table.

    What is frozen is filled slot by slot here: its ``__init__`` has ``object.__setattr__`` look each field up, and took
    13 of the 42 µs in which an order is found.
    """
    is_cod, word, start, end, reason, restock, email, *columns = _in_row(row)
    order = object.__new__(StoredOrder)
    for put, read, value in zip(_PUT, _READ, columns, strict=True):
        put(order, read(value))
    together = (
        _is_cod(order, is_cod),
        text(word) or "",
        _window(moment(start), moment(end)),
        _choices(reason, restock, email),
    )
    for put, value in zip(_PUT_TOGETHER, together, strict=True):
        put(order, value)
    return order


def judged_order(row: Row[Any]) -> StoredOrder:
    """Return the order of a row of :data:`JUDGED`: what a policy judges it by. To ask it for more is an error."""
    columns: list[Any]
    is_cod, *columns = row
    order = object.__new__(StoredOrder)
    for (put, read), value in zip(_JUDGED, columns, strict=True):
        put(order, read(value))
    _put_is_cod(order, _is_cod(order, is_cod))
    return order


def as_it_arrived(row: Row[Any]) -> StoredOrder:
    """Return the same order without what its parcel, its money and the shop came to later."""
    order = judged_order(row)
    for put, value in _AT_FIRST:
        put(order, value)
    if order.is_cod:
        put_payment, put_due, put_current_due = _OF_THE_MONEY
        put_payment(order, PENDING)
        put_due(order, order.total_price)
        put_current_due(order, order.current_total_price)
    return order


def facts(order: OrderFacts) -> dict[str, Any]:
    """Return what Shopify may change about an order, by column, as it is stored."""
    return dict(zip(CHANGING, _in_shopify(order), strict=True)) | {
        "total_price": _number(order.total_price),
        "total_outstanding": _number(order.total_outstanding),
        "current_total_price": _number(order.current_total_price),
        "current_outstanding": _number(order.current_outstanding),
        "fulfillment_status": order.fulfillment_status.word,
        "is_test": int(order.is_test),
        "shopify_updated_at": order.shopify_updated_at.timestamp() if order.shopify_updated_at else None,
    }


def text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def moment(value: object) -> datetime | None:
    """Return the time of unix seconds."""
    try:
        return datetime.fromtimestamp(value, UTC) if isinstance(value, (int, float)) else None
    except (ValueError, OverflowError, OSError):
        return None


def _amount(value: object) -> Decimal | None:
    """Return the number that Shopify sent."""
    return Decimal(str(value)) if isinstance(value, (int, float)) and math.isfinite(value) else None


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _times(value: object) -> dict[str, float | None] | None:
    return json.loads(value) if isinstance(value, str) else None


def _words[Kind: StrEnum](kind: type[Kind]) -> dict[object, Kind]:
    """Return the members of an enumeration by their words; its ``get`` is None for one that this version lacks."""
    return {member.value: member for member in kind}


def _is_cod(order: StoredOrder, value: object) -> bool | None:
    known = (order.gateways or order.financial_status) and "is_cod" not in (order.fact_times or ())
    return bool(value) if known else None


def _window(start: datetime | None, end: datetime | None) -> CallWindow | None:
    return CallWindow(start, end) if start and end else None


def _choices(reason: object, restock: object, email: object) -> CancelChoices:
    chosen = _REASONS.get(reason)
    return CancelChoices(reason=chosen, restock=bool(restock), email=bool(email)) if chosen else _BY_DEFAULT


_WAYS: dict[Any, Callable[[Any], Any]] = {
    str | None: text,
    int: int,
    int | None: _whole,
    bool: bool,
    Decimal | None: _amount,
    datetime | None: moment,
    Fulfilment: Fulfilment.of,
    Status | None: _words(Status).get,
    CallingState | None: _words(CallingState).get,
    Reason | None: _words(Reason).get,
    Language | None: _words(Language).get,
    CancelState | None: _words(CancelState).get,
    dict[str, float | None] | None: _times,
}
"""How a column is read, by the type of its field."""

_REASONS, _BY_DEFAULT = _words(CancelReason), CancelChoices()

_in_shopify = attrgetter(*CHANGING)
_COLUMNS, _TYPES = orders.columns.keys(), get_type_hints(StoredOrder)
_NAMES = [name for name in _TYPES if name in _COLUMNS and name != "is_cod"]
_READ = [_WAYS[_TYPES[name]] for name in _NAMES]
_TOGETHER = (
    *("is_cod", "confirmation_status", "window_start", "window_end"),
    *("cancel_reason", "cancel_restock", "cancel_email"),
)
_in_row = itemgetter(*map(_COLUMNS.index, (*_TOGETHER, *_NAMES)))
_PUT, _PUT_TOGETHER = (
    [getattr(StoredOrder, name).__set__ for name in names]
    for names in (_NAMES, ("is_cod", "status_word", "window", "cancel_choices"))
)
_PUT_NAMED = dict(zip(_NAMES, _PUT, strict=True))
_put_is_cod = _PUT_TOGETHER[0]

_JUDGED_BY = (
    *("shopify_id", "is_demo", "is_test", "source_name", "placed_at", "webhook_timestamp", "fact_times"),
    *("calling_state", "calling_reason", "language", "customer_phone", "phone_source", "phone_fault"),
    *("state", "province_code", "country", "gateways", "financial_status", "currency", "presentment_currency"),
    *("total_price", "total_outstanding", "current_total_price", "current_outstanding", "units_left"),
    *("fulfillment_status", "shopify_cancelled_at", "shopify_deleted_at", "closed_at"),
)
_JUDGED = [(_PUT_NAMED[name], _WAYS[_TYPES[name]]) for name in _JUDGED_BY]
JUDGED = [orders.c[name] for name in ("is_cod", *_JUDGED_BY)]
"""The columns that a policy judges an order by, a third of all: a trial reads those of 100,000 orders."""

_AT_FIRST = [
    (_PUT_NAMED["fulfillment_status"], Fulfilment.NOTHING),
    *((_PUT_NAMED[name], None) for name in ("shopify_cancelled_at", "shopify_deleted_at", "closed_at")),
]
"""What every order has when it arrives."""

_OF_THE_MONEY = [_PUT_NAMED[name] for name in ("financial_status", "total_outstanding", "current_outstanding")]
"""The facts by which nothing of what is paid at the door is paid yet, when it arrives."""
