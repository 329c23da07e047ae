"""Mistakes that the types must find. Only mypy reads this (`make check`).

Where it finds one no more, it says that the comment which lets it pass is not needed.
"""

from __future__ import annotations

from sqlalchemy import Connection

from ordercall.domain.orders import Status
from ordercall.storage.reads import needs_you, order_lists
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.reads.order_lists import Sort
from ordercall.storage.records import orders
from ordercall.storage.records.stored_order import StoredOrder


def a_misspelt_column(tx: Connection, order: StoredOrder) -> None:
    str(order.caling_state)  # type: ignore[attr-defined]
    for one in orders.find_all(tx, [1]):
        str(one.caling_state)  # type: ignore[attr-defined]
    for page in (
        needs_you.page(tx, before=None, after=None),
        order_lists.page(tx, OrderFilter(), Sort.NEWEST, before=None, after=None),
    ):
        str(page.rows[0].caling_state)  # type: ignore[attr-defined]


def a_column_of_another_kind(order: StoredOrder, other: StoredOrder) -> None:
    str(order.placed_at > 1_768_633_200)  # type: ignore[operator]
    str(order.customer_phone.strip())  # type: ignore[union-attr]
    str(order.calling_state.on_its_way)  # type: ignore[union-attr]
    str(order.total_price + 1.5)  # type: ignore[operator]


def a_change_that_is_not_stored(order: StoredOrder) -> None:
    order.confirmation_status = Status.FAILED  # type: ignore[misc]
