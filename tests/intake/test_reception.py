"""What becomes of a webhook: stored once with all that belongs to it, or answered so that Shopify sends it again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import pytest
from receiving import SECRETS, Shop, make_intake, make_received, make_reception
from sqlalchemy import Connection

from databases import lock_out, refuse
from makers import NOW, ORDER_ID, make_body, make_headers, nested
from ordercall.intake.reception import WebhookAnswer
from ordercall.intake.signature import Cause, sign
from ordercall.storage.engine.database import Database

COPIES = 40


@pytest.fixture
def lock(open_database: Callable[..., Database]) -> Iterator[Connection]:
    """Hold the write lock from outside, until the test rolls it back."""
    with lock_out(open_database()) as other:
        yield other


def all_at_once(times: int, send: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(send, range(times)))


def test_a_new_order_is_answered_as_recorded(shop: Shop) -> None:
    answer = shop.send(make_body())

    assert answer == WebhookAnswer(200, {"success": True, "outcome": "recorded"})


def test_a_new_order_is_stored_with_its_delivery_its_log_line_and_its_job(shop: Shop) -> None:
    shop.send(make_body())

    assert shop.counts() == {"deliveries": 1, "orders": 1, "logs": 1, "procrastinate_jobs": 1}


@pytest.mark.parametrize("sandboxed", [True, False])
def test_an_order_says_whether_the_sandbox_placed_it(database: Database, sandboxed: bool) -> None:
    shop = Shop(database, make_reception(database, sandboxed=sandboxed))

    shop.send(make_body())

    assert shop.rows("SELECT is_demo FROM orders") == [(sandboxed,)]


def test_what_a_webhook_says_of_its_shop_makes_no_real_order_the_sandboxs(shop: Shop) -> None:
    headers = dict(make_headers(make_body())) | {"X-Shopify-Shop-Domain": "sandbox-shop.myshopify.com"}
    shop.reception.answer(headers.items(), make_body())

    assert shop.rows("SELECT is_demo FROM orders") == [(0,)]


def test_the_log_begins_with_the_receipt(shop: Shop) -> None:
    shop.send(make_body(name="#1001"))

    [entry] = shop.rows("SELECT timestamp, shopify_id, event_type, message, actor FROM logs")
    assert datetime.fromisoformat(entry[0]).replace(microsecond=0) == datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
    assert tuple(entry[1:]) == (
        ORDER_ID,
        "Shopify_Webhook_Received",
        "Order #1001 received from Shopify (orders/create).",
        "Shopify",
    )


def test_the_job_is_the_sync_of_this_order(shop: Shop) -> None:
    shop.send(make_body())

    (name, arguments, status), *others = shop.rows(
        "SELECT task_name, CAST(args AS TEXT), status FROM procrastinate_jobs"
    )
    assert (name, json.loads(arguments), status, others) == ("sync_order", {"shopify_id": ORDER_ID}, "todo", [])


def test_the_raw_body_is_kept_as_it_came(shop: Shop) -> None:
    body = b"  " + make_body(note="आरव शर्मा 🎁") + b"\n\n"

    shop.send(body)

    assert shop.rows("SELECT body FROM deliveries") == [(body,)]


def test_what_shopify_says_about_a_delivery_is_kept_without_its_signature(shop: Shop) -> None:
    shop.send(make_body(), webhook_id="delivery-7")

    ((headers, topic, shop_domain, version, secret),) = shop.rows(
        "SELECT headers, topic, shop, api_version, secret_name FROM deliveries"
    )
    assert set(json.loads(headers)) == {"topic", "shop-domain", "api-version", "webhook-id"}
    assert (topic, shop_domain, version, secret) == ("orders/create", "shop.myshopify.com", "2026-10", SECRETS[0].mark)


def test_an_amount_that_could_not_be_read_is_told_in_the_log(shop: Shop) -> None:
    shop.send(make_body(total_price="free"))

    assert "Its total could not be read." in shop.rows("SELECT message FROM logs")[0][0]


def test_an_id_beyond_a_float_is_stored_exact(shop: Shop) -> None:
    shop.send(make_body(id=2**53 + 1))

    assert shop.rows("SELECT shopify_id FROM orders") == [(2**53 + 1,)]


def test_a_repeated_delivery_queues_one_sync(shop: Shop) -> None:
    outcomes = [shop.outcome_of(make_body(), webhook_id="delivery-1") for _ in range(3)]

    assert outcomes == ["recorded", "repeat", "repeat"]
    assert shop.counts() == {"deliveries": 1, "orders": 1, "logs": 1, "procrastinate_jobs": 1}


def test_a_repeated_delivery_is_counted(shop: Shop) -> None:
    for _ in range(3):
        shop.send(make_body(), webhook_id="delivery-1")

    assert shop.rows("SELECT repeats, last_repeat_at FROM deliveries") == [(2, NOW.timestamp())]


def test_a_known_order_stays_as_it_was_when_it_is_delivered_with_other_words(shop: Shop) -> None:
    shop.send(make_body(name="#1001"), webhook_id="delivery-1")

    shop.send(make_body(name="#9999"), webhook_id="delivery-2")

    assert shop.rows("SELECT order_name FROM orders") == [("#1001",)]


def test_another_order_under_a_known_delivery_id_is_not_lost(shop: Shop) -> None:
    shop.send(make_body(1001), webhook_id="delivery-1")

    assert shop.outcome_of(make_body(1002), webhook_id="delivery-1") == "recorded"
    assert shop.count("orders") == 2


def test_a_repeat_without_a_delivery_id_is_known_by_its_body(shop: Shop) -> None:
    body = make_body()
    headers = [(name, value) for name, value in make_headers(body) if name != "X-Shopify-Webhook-Id"]

    outcomes = [shop.reception.answer(headers, body).body["outcome"] for _ in range(2)]

    assert outcomes == ["recorded", "repeat"]
    assert shop.count("deliveries") == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"test": True}, "test_order"),
        ({"phone": None}, "no_phone"),
        ({"cancelled_at": "2026-11-23T12:00:00+05:30"}, "cancelled"),
    ],
)
def test_an_order_that_nobody_may_be_called_for_is_stored_without_a_job(
    shop: Shop, changes: dict[str, Any], reason: str
) -> None:
    shop.send(make_body(**changes))

    assert shop.count("procrastinate_jobs") == 0
    assert shop.rows("SELECT calling_state, calling_reason FROM orders") == [("not_called", reason)]
    assert shop.rows("SELECT event_type FROM logs ORDER BY id") == [
        ("Shopify_Webhook_Received",),
        ("Order_Not_Called",),
    ]


def test_a_cancellation_makes_a_known_order_failed_and_stops_its_call(shop: Shop) -> None:
    shop.send(make_body(), webhook_id="delivery-1")

    shop.send(make_body(cancelled_at="2026-11-23T12:00:00+05:30"), topic="orders/cancelled", webhook_id="delivery-2")

    assert shop.rows("SELECT confirmation_status, calling_state, calling_reason, cancel_state FROM orders") == [
        ("Failed", "not_called", "cancelled", "done")
    ]


def test_a_cancellation_sends_no_second_cancel_to_shopify(shop: Shop) -> None:
    shop.send(make_body(), webhook_id="delivery-1")

    shop.send(make_body(cancelled_at="2026-11-23T12:00:00+05:30"), topic="orders/cancelled", webhook_id="delivery-2")

    assert shop.rows("SELECT task_name FROM procrastinate_jobs") == [("sync_order",)]


def test_a_cancellation_that_comes_before_its_order_keeps_the_order_from_being_called(shop: Shop) -> None:
    shop.send(make_body(cancelled_at="2026-11-23T12:00:00+05:30"), topic="orders/cancelled", webhook_id="delivery-1")

    assert shop.outcome_of(make_body(), webhook_id="delivery-2") == "repeat"
    assert shop.rows("SELECT confirmation_status, calling_state FROM orders") == [("Failed", "not_called")]
    assert shop.count("procrastinate_jobs") == 0


@pytest.mark.parametrize("topic", ["orders/risk_assessment_changed", "ordercall/reconciled", "ORDERS", ""])
def test_a_topic_that_is_not_used_is_kept_with_the_reason(shop: Shop, topic: str) -> None:
    outcome = shop.outcome_of(make_body(), topic=topic)

    ((kept, reason),) = shop.rows("SELECT outcome, reason FROM deliveries")
    assert (outcome, kept, shop.count("orders")) == ("unused", "unused", 0)
    assert reason == f"Ordercall does not act on {topic or 'deliveries without a topic'}."


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"not json", "The body is not JSON."),
        (b"", "The body is not JSON."),
        (b"[1, 2]", "The body is JSON, but not an object with an order's fields."),
        (
            b'{"id": 1, "customer": %s}' % nested(20_000),
            "The body is nested too deeply to be an order.",
        ),
        (b'{"id": -1}', "The body has no usable order id."),
        (b'{"id": 9223372036854775808}', "The body has no usable order id."),
        (b'{"id": 1, "name": "\xff"}', "The body is not JSON."),
    ],
    ids=["no JSON", "nothing", "an array", "brackets", "a negative id", "an id beyond 64 bits", "invalid UTF-8"],
)
def test_a_signed_body_that_cannot_be_read_is_kept_with_the_reason(shop: Shop, body: bytes, reason: str) -> None:
    assert shop.outcome_of(body) == "unreadable"
    assert shop.rows("SELECT outcome, reason, body FROM deliveries") == [("unreadable", reason, body)]


def test_a_body_that_cannot_be_read_does_not_fail_the_next_order(shop: Shop) -> None:
    shop.send(b"not json", webhook_id="delivery-1")

    assert shop.outcome_of(make_body(), webhook_id="delivery-2") == "recorded"


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(str, id="as Shopify writes them"),
        pytest.param(str.lower, id="in lower case"),
        pytest.param(str.upper, id="in upper case"),
        pytest.param(lambda name: name.removeprefix("X-"), id="without the x"),
        pytest.param(lambda name: name.removeprefix("X-").lower(), id="without the x, in lower case"),
        pytest.param(lambda name: name.removeprefix("X-").upper(), id="without the x, in upper case"),
    ],
)
def test_header_names_may_be_written_in_any_way(shop: Shop, write: Callable[[str], str]) -> None:
    body = make_body()

    answer = shop.reception.answer([(write(name), value) for name, value in make_headers(body)], body)

    assert answer.body == {"success": True, "outcome": "recorded"}
    assert shop.rows("SELECT webhook_id, topic FROM deliveries") == [("delivery-1", "orders/create")]


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(None, id="missing"),
        pytest.param("", id="empty"),
        pytest.param(sign(make_body(), "another secret"), id="wrong"),
        pytest.param("f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8", id="hex"),
        pytest.param("ÿé" * 22, id="not ASCII"),
    ],
)
def test_a_webhook_that_is_not_signed_right_is_refused_and_not_stored(shop: Shop, signature: str | None) -> None:
    body = make_body()
    headers = [(name, value) for name, value in make_headers(body) if name != "X-Shopify-Hmac-Sha256"]
    headers += [("X-Shopify-Hmac-Sha256", signature)] if signature is not None else []

    answer = shop.reception.answer(headers, body)

    assert answer.status == 403
    assert answer.body["error"] == {
        "code": "BadSignature",
        "message": "The signature does not match the body and any of the webhook secrets.",
    }
    assert shop.count("deliveries") == 0


def test_a_refused_webhook_leaves_nothing_personal_in_the_log(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    shop.send(make_body(phone="+919000000001", email="asha@example.com"), secret="wrong")

    (said,) = [record.getMessage() for record in caplog.records]
    assert said == f"refused webhooks or reports, the first of them so: {Cause.UNKNOWN_SECRET.sentence}"


@pytest.mark.parametrize("topic", ["customers/data_request", "customers/redact", "shop/redact"])
def test_a_privacy_topic_that_is_not_signed_right_is_answered_401(shop: Shop, topic: str) -> None:
    assert shop.send(b"{}", topic=topic, secret="wrong").status == 401
    assert shop.count("deliveries") == 0


def test_without_a_secret_every_webhook_is_refused(database: Database) -> None:
    body = make_body()
    reception = make_reception(database, secrets=[])

    assert reception.answer(make_headers(body, secret=""), body).status == 403


def test_a_webhook_signed_with_the_previous_secret_is_stored(shop: Shop) -> None:
    assert shop.outcome_of(make_body(), secret="an-older-secret") == "recorded"
    assert shop.rows("SELECT secret_name FROM deliveries") == [(SECRETS[1].mark,)]


def test_a_locked_database_answers_503_and_stores_nothing(shop: Shop, lock: Connection) -> None:
    answer = shop.send(make_body())
    lock.rollback()

    assert answer.status == 503
    assert answer.body["error"] == {"code": "NotStored", "message": "The delivery could not be stored; send it again."}
    assert shop.counts() == {"deliveries": 0, "orders": 0, "logs": 0, "procrastinate_jobs": 0}


def test_an_unreadable_delivery_to_a_locked_database_answers_503_too(shop: Shop, lock: Connection) -> None:
    assert shop.send(b"not json").status == 503


def test_what_a_locked_database_could_not_store_is_stored_when_it_comes_again(shop: Shop, lock: Connection) -> None:
    shop.send(make_body())
    lock.rollback()

    assert shop.outcome_of(make_body()) == "recorded"


def test_copies_of_one_delivery_at_once_store_one_order(shop: Shop) -> None:
    outcomes = all_at_once(COPIES, lambda _: shop.outcome_of(make_body()))

    assert sorted(outcomes) == ["recorded"] + ["repeat"] * (COPIES - 1)
    assert shop.counts() == {"deliveries": 1, "orders": 1, "logs": 1, "procrastinate_jobs": 1}


def test_many_orders_at_once_are_all_stored(shop: Shop) -> None:
    outcomes = all_at_once(COPIES, lambda number: shop.outcome_of(make_body(number), webhook_id=f"delivery-{number}"))

    assert outcomes == ["recorded"] * COPIES
    assert shop.counts() == dict.fromkeys(("deliveries", "orders", "logs", "procrastinate_jobs"), COPIES)


def test_an_order_that_cannot_be_stored_is_kept_as_it_came_and_fails_alone(shop: Shop) -> None:
    with shop.database.begin() as tx:
        refuse(tx, "BEFORE INSERT ON orders", "NEW.order_name = '#13'")

    outcomes = all_at_once(COPIES, lambda number: shop.outcome_of(make_body(number), webhook_id=f"delivery-{number}"))

    assert outcomes == ["recorded"] * 13 + ["unreadable"] + ["recorded"] * (COPIES - 14)
    assert shop.rows("SELECT reason, body FROM deliveries WHERE outcome = 'unreadable'") == [
        ("It could not be stored as an order (IntegrityError); this is a fault of Ordercall.", make_body(13))
    ]


@pytest.mark.sqlite
def test_orders_that_come_together_cost_as_many_statements_as_one(database: Database) -> None:
    assert statements_for(database, first=1, last=50) == statements_for(database, first=51, last=51)


def statements_for(database: Database, first: int, last: int) -> list[str]:
    """Return the first word of each statement that stores these orders. Triggers say theirs again, once a row."""
    said: list[str] = []
    received = [make_received(make_body(number)) for number in range(first, last + 1)]
    with database.begin() as tx:
        driver = tx.connection.driver_connection
        driver.set_trace_callback(said.append)
        make_intake(database).receive(tx, received)
        driver.set_trace_callback(None)
    return [statement.split()[0] for statement, _ in groupby(said)]
