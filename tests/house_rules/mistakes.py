"""Mistakes that the types must find. Only mypy reads this (`make check`).

Where it finds one no more, it says that the comment which lets it pass is not needed.
"""

from __future__ import annotations

from sqlalchemy import Connection

from ordercall.domain.orders.bulk import ItemState
from ordercall.domain.orders.order import Status
from ordercall.storage.reads import needs_you, order_lists, reports
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.reads.order_lists import Sort
from ordercall.storage.records import activity, bulk, demo, orders, shop_notices
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


def a_misspelt_column_of_another_table(tx: Connection) -> None:
    str(activity.of_order(tx, 1)[0].mesage)  # type: ignore[attr-defined]
    str(demo.latest(tx, 1)[0].order_nam)  # type: ignore[attr-defined]
    str(shop_notices.latest_requests(tx)[0].recieved_at)  # type: ignore[attr-defined]
    for delivery in (*needs_you.unhandled(tx), *reports.odd_deliveries(tx)):
        str(delivery.recieved_at)  # type: ignore[attr-defined]
    if (run := bulk.find(tx, 1)) and (item := bulk.next_waiting(tx, run.id)):
        str((run.finishd_at, item.seeen))  # type: ignore[attr-defined]
        str(bulk.items(tx, run.id, ItemState.DONE)[0].mesage)  # type: ignore[attr-defined]


def a_column_that_may_be_empty(run: bulk.Run) -> None:
    str(run.stopped_by.strip())  # type: ignore[union-attr]


def a_column_of_another_kind(order: StoredOrder, other: StoredOrder) -> None:
    str(order.placed_at > 1_768_633_200)  # type: ignore[operator]
    str(order.customer_phone.strip())  # type: ignore[union-attr]
    str(order.calling_state.on_its_way)  # type: ignore[union-attr]
    str(order.total_price + 1.5)  # type: ignore[operator]


def a_change_that_is_not_stored(order: StoredOrder) -> None:
    order.confirmation_status = Status.FAILED  # type: ignore[misc]
