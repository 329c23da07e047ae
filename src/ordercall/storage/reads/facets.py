"""What a list can be filtered by beside status, text and period, and where each of it becomes SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from ordercall.domain.calls.call import Answer
from ordercall.domain.calls.calling import Language, Reason
from ordercall.storage.tables import call_orders, calls, orders

INDEX = "orders_by_facts"
"""SQLite reads every fact of an order from it, in the order of time, and no row of the table."""

LOOKED_THROUGH = 50_000
"""Orders of a period that a filtered list looks through, the latest: 20 to 40 ms for the list and its tabs."""
CALLS_LOOKED_THROUGH = 10_000
"""The same where the last call of each is looked up: some 8 µs an order."""


class Payment(StrEnum):
    """How an order is paid, as far as its first webhook said it."""

    COD = "cod"
    PREPAID = "prepaid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """Only orders of which all of this is so; nothing, where it is not given.

    Attributes:
        state, product, pincode: as the order has them; ``product`` is what it is called by, its first line.
        language: in which its customer is, or was, to be called.
        reason: why it is not called.
        agent: the id of the voice agent of its last call.
        attempt: the number of its last call.
        answer: what its customer said last.
    """

    state: str = ""
    payment: Payment | None = None
    language: Language | None = None
    reason: Reason | None = None
    agent: str = ""
    attempt: int | None = None
    answer: Answer | None = None
    product: str = ""
    pincode: str = ""

    def __bool__(self) -> bool:
        return any(astuple(self))

    @property
    def looks_through(self) -> int:
        """How many orders a list looks through for them."""
        return CALLS_LOOKED_THROUGH if self.agent or self.attempt or self.answer else LOOKED_THROUGH


def demands(wanted: Facets) -> Iterator[ColumnElement[bool]]:
    """Yield what an order must fulfil."""
    if wanted.state:
        yield orders.c.state == wanted.state
    if wanted.payment:
        yield from _paid(wanted.payment)
    if wanted.language:
        yield orders.c.language == wanted.language
    if wanted.reason:
        yield orders.c.calling_reason == wanted.reason
    if wanted.product:
        yield orders.c.product_title == wanted.product
    if wanted.pincode:
        yield orders.c.zip == wanted.pincode
    if wanted.agent:
        yield _of_last_call(calls.c.agent_id) == wanted.agent
    if wanted.answer:
        yield last_answer == wanted.answer
    if wanted.attempt:
        yield _of_last_call(calls.c.attempt) == wanted.attempt


def _paid(payment: Payment) -> Iterator[ColumnElement[bool]]:
    """Match the payment; of an order that came without a word about it, it is neither."""
    yield orders.c.is_cod == int(payment is Payment.COD)
    if payment is Payment.PREPAID:
        yield _TELLS_PAYMENT


_TELLS_PAYMENT = and_(
    or_(orders.c.gateways.is_not(None), orders.c.financial_status.is_not(None)),
    func.coalesce(orders.c.fact_times, "").not_like('%"is_cod"%'),
)


def _of_last_call(column: Any) -> Any:
    """Return a column of the last call of the order."""
    mine = select(column).join(call_orders, call_orders.c.call_id == calls.c.call_id)
    mine = mine.where(call_orders.c.shopify_id == orders.c.shopify_id)
    return mine.order_by(call_orders.c.is_live.desc(), call_orders.c.call_id.desc()).limit(1).scalar_subquery()


_said = (
    select(call_orders.c.answer)
    .where(call_orders.c.shopify_id == orders.c.shopify_id, call_orders.c.answer.is_not(None))
    .order_by(call_orders.c.call_id.desc())
)
last_answer: ColumnElement[str] = _said.limit(1).scalar_subquery()
"""What the customer of an order said last in its calls."""

COLUMNS: dict[str, Any] = {
    "state": orders.c.state,
    "payment": case((orders.c.is_cod == 1, Payment.COD), (_TELLS_PAYMENT, Payment.PREPAID)),
    "language": orders.c.language,
    "reason": orders.c.calling_reason,
    "product": orders.c.product_title,
    "pincode": orders.c.zip,
    "agent": _of_last_call(calls.c.agent_id),
    "attempt": _of_last_call(calls.c.attempt),
    "answer": last_answer,
}
"""What an order has of each, as a list of the values shows it."""
