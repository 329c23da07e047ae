"""Reading the shop again: what the webhooks missed is found once, and nothing is believed that is older."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from databases import ask
from house import House
from ordercall.config import CREDENTIALS
from ordercall.domain.quiet_webhooks import BUSY
from ordercall.errors import OutcomeUnknown, ProviderBusy
from ordercall.providers.shopify.subscriptions import ASKED_FOR
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.storage.records.reconciliations import Run

HOUR = 3_600


@pytest.fixture(autouse=True)
def begun(house: House) -> None:
    """The first run marks where reading begins; an hour passes after it."""
    assert read(house).seen == 0
    house.pass_time(hours=1)


def read(house: House, **how: Any) -> Run:
    run = house.reconcile.run(**how)
    assert run is not None
    return run


def in_shop(house: House, number: int, *, minutes_ago: float = 5, **changes: Any) -> dict[str, Any]:
    """Place an order in Shopify of which no webhook tells."""
    at = (house.now - timedelta(minutes=minutes_ago)).isoformat(timespec="seconds")
    order = make_order(number, **{"created_at": at, "updated_at": at} | changes)
    house.shopify.add(order)
    return order


def deliveries(house: House) -> list[tuple[str, str]]:
    with house.db.read() as tx:
        return [tuple(row) for row in tx.exec_driver_sql("SELECT topic, outcome FROM deliveries ORDER BY id")]


def test_an_order_that_no_webhook_brought_is_found_and_called(house: House) -> None:
    order = in_shop(house, 1)

    run = read(house)

    assert (run.seen, run.missed_orders, run.missed_changes, run.fault) == (1, 1, 0, None)
    assert house.states() == {order["id"]: ("queued", None)}
    assert len(house.jobs("sync_order")) == 1
    assert house.events(order["id"]) == ["Shopify_Webhook_Received"]


def test_what_the_webhooks_brought_is_not_missed_and_leaves_no_trace(house: House) -> None:
    house.receive(in_shop(house, 1))
    before = deliveries(house)

    run = read(house)

    assert (run.seen, run.missed_orders, run.missed_changes) == (1, 0, 0)
    assert deliveries(house) == before


def test_an_order_whose_webhook_comes_after_it_was_found_is_not_called_twice(house: House) -> None:
    order = in_shop(house, 1)
    read(house)

    house.receive(order)

    assert deliveries(house)[-1] == ("orders/create", "repeat")
    assert len(house.jobs("sync_order")) == 1


def test_a_cancellation_that_no_webhook_told_stops_the_call(house: House) -> None:
    order = in_shop(house, 1)
    house.receive(order)
    at = (house.now - timedelta(minutes=3)).isoformat(timespec="seconds")
    house.shopify.add(order | {"cancelled_at": at, "closed_at": at, "updated_at": at})

    run = read(house)

    assert (run.missed_orders, run.missed_changes) == (0, 1)
    assert house.states() == {order["id"]: ("not_called", "cancelled")}


def test_a_correction_in_the_same_second_as_the_order_is_found(house: House) -> None:
    order = in_shop(house, 1)
    house.receive(order)
    house.shopify.add(order | {"phone": "+915550000042"})

    run, after = read(house), read(house)

    assert (run.missed_changes, after.missed_changes) == (1, 0)
    assert house.order(order["id"]).customer_phone == "+915550000042"


def test_a_refund_in_the_same_second_as_the_order_keeps_the_customer_from_being_called(house: House) -> None:
    order = in_shop(house, 1, financial_status="paid")
    house.receive(order)
    house.shopify.add(order | {"financial_status": "refunded"})

    run, after = read(house), read(house)

    assert (run.missed_changes, after.missed_changes) == (1, 0)
    assert house.states()[order["id"]] == ("not_called", "refunded")


def test_what_is_written_a_little_differently_in_the_same_second_is_no_change(house: House) -> None:
    order = in_shop(house, 1)
    house.receive(order)
    house.shopify.add(order | {"contact_email": "other@example.com", "email": None, "line_items": []})
    before = deliveries(house)

    assert read(house).missed_changes == 0
    assert deliveries(house) == before


def test_what_changed_a_moment_ago_is_taken_in_but_its_webhook_may_still_come(house: House) -> None:
    in_shop(house, 1, minutes_ago=1)

    run = read(house)

    assert (run.seen, run.missed_orders) == (1, 0)
    assert len(house.states()) == 1


def test_each_run_begins_a_little_before_the_last(house: House) -> None:
    first, second = read(house), read(house)

    assert first.started_at - second.since == timedelta(minutes=10)


def test_the_first_run_begins_where_webhooks_first_came(house: House) -> None:
    with house.db.begin() as tx:
        tx.exec_driver_sql("DELETE FROM reconciliations")
    house.receive(make_order(1))
    house.pass_time(hours=3)

    run = read(house)

    assert house.now - run.since == timedelta(hours=3, minutes=10)


def test_a_person_may_read_further_back_but_leaves_no_gap(house: House) -> None:
    last = read(house)

    back, later = read(house, since=house.now - timedelta(days=3)), read(house, since=house.now + timedelta(days=1))

    assert house.now - back.since == timedelta(days=3)
    assert later.since == last.started_at - timedelta(minutes=10)


def test_an_order_that_is_found_days_late_is_stored_and_not_called(house: House) -> None:
    order = in_shop(house, 1, minutes_ago=3 * 24 * 60)

    run = read(house, since=house.now - timedelta(days=4))

    assert (run.missed_orders, house.states()) == (1, {order["id"]: ("not_called", "too_old")})


@pytest.fixture
def pages_of_two(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.reconcile._shop_orders, "_largest_page", 2)


@pytest.mark.usefixtures("pages_of_two")
def test_a_run_that_is_cut_off_goes_on_at_the_page_where_it_was(house: House) -> None:
    for number in range(1, 6):
        in_shop(house, number, minutes_ago=20 - number)
    house.shopify.fail_next(1, Mode.NORMAL)
    house.shopify.fail_next(1, Mode.FAILING)
    with pytest.raises(OutcomeUnknown):
        house.reconcile.run()
    assert len(house.states()) == 2

    run = read(house)

    assert (run.missed_orders, len(house.states()), run.fault) == (5, 5, None)


def test_a_refusal_ends_the_run_and_the_next_begins_where_it_did(house: House) -> None:
    last = read(house)
    house.shopify.fail_next(1, "frozen")
    refused = read(house)

    after = read(house)

    assert "402" in (refused.fault or "")
    assert after.since == last.started_at - timedelta(minutes=10)


@pytest.mark.parametrize("mode", ["frozen", "unprocessable", "throttled", "bad_gateway", "html", "login_page"])
def test_what_shopify_refused_to_show_is_found_by_the_next_run(house: House, mode: str) -> None:
    order = in_shop(house, 1)
    house.shopify.retry_after = 0.0
    house.shopify.fail_next(1, mode)
    with suppress(OutcomeUnknown, ProviderBusy):
        assert read(house).fault

    assert read(house).missed_orders == 1
    assert house.states() == {order["id"]: ("queued", None)}


def test_without_a_token_the_run_says_so_and_still_looks_for_silence(house: House) -> None:
    settings = replace(house.reconcile._settings, shopify_access_token="")
    house.reconcile._settings = settings
    house.shopify.forget_calls()

    run = read(house)

    assert (run.fault, run.seen, house.shopify.calls) == (f"{CREDENTIALS} not set", 0, [])


def test_two_do_not_read_at_the_same_time(house: House) -> None:
    with house.db.only_one("reconcile") as mine:
        assert mine
        assert house.reconcile.run() is None


def test_an_edited_order_is_read_again(house: House) -> None:
    order = in_shop(house, 1)
    house.receive(order)
    house.shopify.book.edit(order["id"])
    house.shopify.book.correct(order["id"], phone="+915550000042", address="7 Corrected Street")

    house.receive({"id": order["id"], "order_edit": {"id": 9, "order_id": order["id"]}}, "orders/edited")
    assert [job[0] for job in house.jobs("read_order_again")] == [{"shopify_id": order["id"]}]
    house.reconcile.read_again(order["id"])

    assert house.order(order["id"]).customer_phone == "+915550000042"


def test_an_edited_order_that_shopify_does_not_show_is_told_on_its_timeline(house: House) -> None:
    order_id = house.receive(make_order(1))

    house.reconcile.read_again(order_id)

    with house.db.read() as tx:
        said = tx.exec_driver_sql("SELECT message FROM logs ORDER BY id DESC").scalar()
    assert said == (
        "Changed in Shopify, but it could not be read again: "
        "Shopify does not show it; it is older than 60 days, or deleted."
    )


def test_a_refunded_order_is_read_again_once_for_many_deliveries(house: House) -> None:
    for refund_id in (1, 2):
        house.receive({"id": refund_id, "order_id": 77, "refund_line_items": []}, "refunds/create")

    assert len(house.jobs("read_order_again")) == 1


def test_a_shop_that_shows_its_orders_is_connected_whatever_was_said_before(house: House) -> None:
    house.receive({"id": 1, "shop_owner": "Asha Iyer"}, "app/uninstalled")
    house.pass_time(minutes=1)

    read(house)

    with house.db.read() as tx:
        assert tx.exec_driver_sql("SELECT ended_by FROM disconnections").scalar() == "Shopify"


def test_a_busy_topic_that_fell_silent_is_told_with_the_run(house: House) -> None:
    with house.db.begin() as tx:
        last = house.now.timestamp() - 3 * HOUR
        rows = [(f"w{number}", last - number * 60) for number in range(BUSY)]
        for webhook_id, at in rows:
            ask(
                tx,
                "INSERT INTO deliveries (webhook_id, body_digest, topic, received_at, headers, secret_name, outcome)"
                " VALUES (?, 'd', 'orders/create', ?, '{}', 'shared', 'recorded')",
                webhook_id,
                at,
            )

    assert read(house).silent == {"orders/create": last}


def subscribe(house: House, *topics: str) -> None:
    for topic in topics:
        house.shopify.subscriptions.create(topic, "https://ordercall.example/shopify/webhook", "2026-10")


def delete_subscriptions(house: House, *topics: str) -> None:
    """Delete them as Shopify does after eight deliveries that failed."""
    for subscription in house.shopify.subscriptions.all():
        if subscription.topic in topics:
            house.shopify.subscriptions.delete(subscription.id)


def test_a_subscription_that_shopify_deleted_is_told_within_the_hour_and_until_it_is_back(house: House) -> None:
    subscribe(house, *ASKED_FOR)
    before = read(house).unsubscribed
    delete_subscriptions(house, "orders/create")
    house.pass_time(hours=1)
    told = read(house).unsubscribed
    house.pass_time(minutes=15)
    still = read(house).unsubscribed
    subscribe(house, "orders/create")
    house.pass_time(hours=1)

    assert (before, told, still, read(house).unsubscribed) == ([], ["orders/create"], ["orders/create"], [])


def test_an_app_whose_subscriptions_are_all_gone_is_told(house: House) -> None:
    subscribe(house, *ASKED_FOR)
    read(house)
    delete_subscriptions(house, *ASKED_FOR)
    house.pass_time(hours=1)

    assert read(house).unsubscribed == list(ASKED_FOR)


def test_of_an_app_that_never_asked_for_webhooks_nothing_is_said(house: House) -> None:
    assert read(house).unsubscribed is None


def test_the_subscriptions_are_looked_at_once_an_hour(house: House) -> None:
    for _ in range(4):
        house.pass_time(minutes=15)
        read(house)

    assert sum("webhookSubscriptions" in str(call.body) for call in house.shopify.calls) == 3


def test_what_was_seen_of_the_subscriptions_stands_while_shopify_shows_none(house: House) -> None:
    subscribe(house, *ASKED_FOR)
    read(house)
    house.pass_time(hours=1)
    house.shopify.fail_next(1, Mode.NORMAL)
    house.shopify.fail_next(1, Mode.FAILING)

    assert read(house).unsubscribed == []
