"""What people at the desk ask most, each from the dashboard, with the clicks counted until the answer is seen.

Where the question is to do something, its answer is the button that does it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from busy_day import TOLD, TROUBLED, order_id
from desk import row, tab
from playwright.sync_api import Locator, Page, expect

from ordercall.domain.calls.call import Answer, CallState
from ordercall.domain.orders.order import Status
from ordercall.storage.records import reconciliations
from ringing import rung
from web_app import Shop

COUNT = """addEventListener("click", ({ isTrusted, detail }) => {
  if (isTrusted && detail) sessionStorage.clicks = Number(sessionStorage.clicks ?? 0) + 1;
}, true)"""
MOST = 1


@pytest.fixture
def desk(page: Page, busy: Shop) -> Iterator[Page]:
    """Open the dashboard; what the test clicks until it has its answer is counted."""
    page.add_init_script(COUNT)
    page.goto("/")
    yield page
    assert int(page.evaluate("sessionStorage.clicks ?? 0")) <= MOST


def called_in_vain(shop: Shop) -> None:
    with shop.db.begin() as tx:
        rung(tx, order_id(TOLD), now=shop.now, state=CallState.UNANSWERED, began=timedelta(hours=2))


def nav(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Pages", exact=True).get_by_role("link", name=name)


def test_1_which_orders_can_i_ship_now(desk: Page, busy: Shop) -> None:
    shipped = busy.rows("SELECT shopify_id FROM orders WHERE confirmation_status = 'Success' LIMIT 1")[0][0]
    busy.change(shipped, fulfillment_status="fulfilled")

    tab(desk, "Ready to ship").click()

    expect(desk.locator(".rows tr").first).to_be_visible()
    expect(desk.locator(".rows .c-status", has_text="Shipped")).to_have_count(0)
    expect(desk.locator(f"#order-{shipped}")).to_have_count(0)


def test_2_who_did_not_pick_up(desk: Page, busy: Shop) -> None:
    called_in_vain(busy)

    nav(desk, "Needs you").click()

    expect(desk.get_by_role("region", name="Did not pick up")).to_contain_text(f"#{TOLD}")


def test_3_whom_must_i_ring_myself(desk: Page, busy: Shop) -> None:
    called_in_vain(busy)

    nav(desk, "Needs you").click()

    for place in (f"#order-{order_id(TROUBLED)}", f"#silent-{order_id(TOLD)}"):
        phone = busy.order(int(place.split("-")[1])).customer_phone
        expect(desk.locator(place).get_by_role("link", name=str(phone))).to_have_attribute("href", f"tel:{phone}")


def test_4_who_refused(desk: Page, busy: Shop) -> None:
    with busy.db.begin() as tx:
        call = rung(tx, order_id(TOLD), now=busy.now, state=CallState.ANSWERED)
        tx.exec_driver_sql("UPDATE call_orders SET answer = ? WHERE call_id = ?", (str(Answer.REFUSED), call))
    busy.change(order_id(TOLD), confirmation_status="Failed", cancel_state="done")

    tab(desk, "Failed").click()

    expect(row(desk, TOLD).locator(".c-calling")).to_have_text(Answer.REFUSED.short)


def test_5_how_much_is_confirmed_today(desk: Page, busy: Shop) -> None:
    expect(desk.locator("#tiles .kpi", has_text="Confirmed").locator("strong")).to_contain_text("₹")


def test_6_did_everything_arrive(desk: Page, busy: Shop) -> None:
    with busy.db.begin() as tx:
        run = reconciliations.begin(tx, asked_by="worker", since=busy.now - timedelta(hours=1), now=busy.now)
        reconciliations.end(tx, run.id, now=busy.now, silent={})
    desk.reload()

    expect(desk.get_by_text("Shop read").filter(visible=True)).to_be_visible()


def test_7_why_was_this_customer_called_in_english(desk: Page, busy: Shop) -> None:
    row(desk, TOLD).locator("a.go").click()

    expect(desk.get_by_role("region", name="Calling")).to_contain_text("It ships to Tamil Nadu")


def test_10_undo_my_mistake(desk: Page, busy: Shop) -> None:
    busy.context.orders.change_status(order_id(TOLD), Status.RETURNED, by="admin")

    nav(desk, "History").click()

    expect(desk.get_by_role("button", name=f"Undo #{TOLD}")).to_be_visible()


def test_11_export_for_the_courier(desk: Page, busy: Shop) -> None:
    desk.locator("summary", has_text="Export CSV").click()

    expect(desk.get_by_role("button", name="For Delhivery")).to_be_visible()


def test_12_stop_all_calls_now(desk: Page, busy: Shop) -> None:
    desk.locator("#calls-switch").click()

    expect(desk.get_by_role("button", name="Pause all calls")).to_be_visible()
