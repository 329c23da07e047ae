"""What a shop tells about itself: the app was uninstalled, a customer wants their data, or wants it erased."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from databases import refuse
from ordercall.domain.activity import ProviderCall
from ordercall.domain.calls.calling import Reason
from ordercall.jobs.tables import jobs
from ordercall.jobs.tasks import index_new_orders
from ordercall.sandbox.orders import PEOPLE
from ordercall.services.shop_service import ShopService
from ordercall.storage.records import activity, contacts, orders
from ordercall.storage.records.activity import Event
from ordercall.web.context import Context
from reading import flashed, look
from web_app import Page, Shop, post_webhook, send_form

STORE = "shop.myshopify.com"
SHOP_BODY = {"id": 548380009, "name": "Super Toys", "shop_owner": "John Smith", "myshopify_domain": STORE}
PHONE = "+915550001001"


def tell(shop: Shop, topic: str, body: Any) -> TestResponse:
    return post_webhook(shop.client(), json.dumps(body).encode(), topic=topic)


def uninstall(shop: Shop) -> TestResponse:
    return tell(shop, "app/uninstalled", SHOP_BODY)


def ask(shop: Shop, topic: str, *order_ids: int, store: str = STORE) -> TestResponse:
    """Send a privacy request as Shopify does, and do the job that it queued."""
    customer = {"id": 191167, "email": "customer1001@example.com", "phone": PHONE}
    about = {"customer": customer, "orders_requested": order_ids, "orders_to_redact": order_ids}
    body = {"shop_id": 954889, "shop_domain": store} | ({} if topic == "shop/redact" else about)
    answer = tell(shop, topic, body)
    with shop.db.read() as tx:
        queued = tx.execute(select(jobs.c.args).where(jobs.c.task_name == "answer_privacy_request")).scalars().all()
    for arguments in queued:
        service(shop).answer_privacy_request(json.loads(arguments)["request_id"])
    return answer


def service(shop: Shop) -> ShopService:
    found: ShopService = shop.app.extensions["ordercall"].shop
    return found


def keep_everything_about(shop: Shop, order_id: int) -> None:
    """Leave what the customer is known by in every place that can hold it."""
    person = shop.person()
    send_form(person, f"/orders/{order_id}/notes", note=f"rang {PHONE}, Ananya answered")
    call = ProviderCall("POST", "/contact", 200, 1, {"phone": PHONE}, {"name": "Ananya"})
    with shop.db.begin() as tx:
        activity.record(tx, order_id, Event.CONTACT_CREATED, "Contact created.", now=shop.now, call=call)
        contacts.remember(tx, {PHONE: "contact-7"}, now=shop.now)
        context: Context = shop.app.extensions["ordercall"]
        context.decisions.for_calls(tx, orders.find_all(tx, [order_id]))


def everything(shop: Shop) -> str:
    with shop.db.read() as tx:
        names = inspect(tx).get_table_names()
        return "\n".join(str(row) for name in names for row in tx.exec_driver_sql(f"SELECT * FROM {name}"))  # noqa: S608


# -- the app was uninstalled


def test_after_the_app_was_uninstalled_the_dashboard_says_that_nobody_is_called(shop: Shop) -> None:
    assert uninstall(shop).json == {"success": True, "outcome": "recorded"}

    assert "the app was uninstalled from the shop" in Page(shop.person().get("/")).text


def test_nobody_can_have_a_customer_called_while_the_app_is_out(shop: Shop) -> None:
    order_id = shop.receive(1001)
    uninstall(shop)

    answer = shop.client().post(f"/api/orders/{order_id}/sync", headers={"X-App-Token": "a-sync-token-of-programs"})

    assert (answer.status_code, answer.json["error"]["code"]) == (409, "NotCallable")


def test_once_the_app_is_back_the_orders_that_waited_go_on(shop: Shop) -> None:
    waited, cancelled, old = shop.receive(1001), shop.receive(1002), shop.receive(1003)
    uninstall(shop)
    for order_id in (waited, cancelled, old):
        shop.change(order_id, calling_state="not_called", calling_reason=Reason.DISCONNECTED)
    shop.change(cancelled, confirmation_status="Failed")
    shop.change(old, placed_at=0)

    send_form(shop.person(), "/shop/reconnected")

    states = dict(tuple(row) for row in shop.rows("SELECT shopify_id, calling_state FROM orders"))
    assert states == {waited: "queued", cancelled: "not_called", old: "not_called"}
    assert "the app was uninstalled from the shop" not in Page(shop.person().get("/")).text


def test_a_notice_that_was_on_its_way_since_before_the_app_came_back_changes_nothing(shop: Shop) -> None:
    body = json.dumps(SHOP_BODY).encode()
    uninstall(shop)
    shop.pass_time(days=400)
    service(shop).reconnect(by="admin")

    answer = post_webhook(shop.client(), body + b" ", topic="app/uninstalled")

    assert answer.json["outcome"] == "repeat"
    assert shop.rows("SELECT count(*) FROM disconnections WHERE ended_at IS NULL")[0][0] == 0


@pytest.mark.parametrize(
    ("topic", "body", "outcome"),
    [
        ("app/uninstalled", {"id": 1, "name": "#1001"}, "unreadable"),
        ("app/uninstalled", SHOP_BODY | {"myshopify_domain": "other.myshopify.com"}, "unused"),
        ("shop/redact", {"shop_id": 1, "shop_domain": "other.myshopify.com"}, "unused"),
        ("shop/redact", {"shop_id": 1, "shop_domain": STORE, "customer": {"id": 1}}, "unreadable"),
        ("customers/redact", {"shop_id": 1, "shop_domain": STORE}, "unreadable"),
        ("customers/redact", {"shop_domain": STORE, "customer": {}, "orders_to_redact": ["#1"]}, "unreadable"),
    ],
)
def test_a_body_that_does_not_fit_its_topic_does_nothing(shop: Shop, topic: str, body: Any, outcome: str) -> None:
    assert tell(shop, topic, body).json == {"success": True, "outcome": outcome}
    assert shop.rows("SELECT 1 FROM disconnections UNION SELECT 1 FROM privacy_requests") == []


# -- what is asked about a customer's data


@pytest.mark.parametrize("topic", ["customers/redact", "shop/redact"])
def test_after_an_erasure_nothing_in_the_database_says_who_the_customer_was(shop: Shop, topic: str) -> None:
    customer = (PHONE, "customer1001@example.com", *PEOPLE[0][:5], PEOPLE[0].pin_code)
    order_id = shop.receive(1001, phone=PHONE, person=PEOPLE[0])
    keep_everything_about(shop, order_id)
    kept = everything(shop)
    assert [text for text in customer if text not in kept] == []

    ask(shop, topic, order_id)

    left = everything(shop)
    assert [text for text in customer if text in left] == []


@pytest.mark.sqlite
@pytest.mark.parametrize("topic", ["customers/redact", "shop/redact"])
def test_after_an_erasure_the_freed_space_of_the_file_says_nothing_either(shop: Shop, topic: str) -> None:
    order_id = shop.receive(1001, phone=PHONE)
    keep_everything_about(shop, order_id)

    ask(shop, topic, order_id)

    path = shop.settings.database_path
    assert PHONE.encode() not in path.read_bytes() + path.with_name("orders.db-wal").read_bytes()


@pytest.mark.sqlite
def test_after_an_erasure_the_index_of_the_search_has_forgotten_the_customer(shop: Shop) -> None:
    order_id = shop.receive(1001, phone=PHONE, person=PEOPLE[0]._replace(first_name="Qzwxv"))
    index_new_orders(shop.db)
    blocks = "SELECT block FROM search_words_data"
    assert any(b"zwx" in block for (block,) in shop.rows(blocks))

    ask(shop, "customers/redact", order_id)

    assert not any(b"zwx" in block for (block,) in shop.rows(blocks))


@pytest.mark.sqlite
def test_an_erasure_counts_as_done_only_when_the_search_has_forgotten_too(shop: Shop) -> None:
    order_id = shop.receive(1001, phone=PHONE, person=PEOPLE[0]._replace(first_name="Qzwxv"))
    index_new_orders(shop.db)
    with shop.db.begin() as tx:
        refuse(tx, "BEFORE UPDATE ON privacy_requests", "NEW.done_at IS NOT NULL")

    with pytest.raises(IntegrityError):
        ask(shop, "customers/redact", order_id)

    blocks = shop.rows("SELECT block FROM search_words_data")
    assert not any(b"zwx" in block for (block,) in blocks)


def test_what_was_erased_is_told_in_numbers_and_names_the_contact_to_erase_by_hand(shop: Shop) -> None:
    order_id = shop.receive(1001, phone=PHONE)
    keep_everything_about(shop, order_id)

    ask(shop, "customers/redact", order_id, 299938)

    ((report, done_by, reference),) = shop.rows("SELECT report, done_by, reference FROM privacy_requests")
    assert json.loads(report) == {
        "orders": 1,
        "provider calls": 1,
        "notes and providers' words": 1,
        "webhook bodies": 1,
        "calls": 1,
        "decisions": 1,
        "reports": 0,
        "contacts": ["contact-7"],
        "orders that have not come yet": 1,
        "elsewhere": 0,
    }
    assert (done_by, reference) == ("Ordercall", "191167")
    assert "contact-7" in Page(shop.person().get("/privacy")).text


def test_an_erased_order_keeps_its_amount_and_is_not_called(shop: Shop) -> None:
    order_id = shop.receive(1001)

    ask(shop, "customers/redact", order_id)

    order = shop.order(order_id)
    assert (order.calling_state, order.calling_reason, order.total_price > 0) == ("not_called", "erased", True)
    assert shop.events(order_id)[-1] == "Customer_Data_Erased"


@pytest.mark.parametrize("topic", ["orders/create", "orders/updated"])
def test_what_is_delivered_after_the_erasure_brings_nothing_back(shop: Shop, topic: str) -> None:
    order_id = shop.receive(1001, phone=PHONE)
    ask(shop, "customers/redact", order_id)
    shop.pass_time(minutes=1)

    shop.receive(1001, topic=topic, phone=PHONE, updated_at=shop.now.isoformat())

    assert PHONE not in everything(shop)


def test_the_contact_of_a_phone_that_another_order_needs_stays(shop: Shop) -> None:
    order_id = shop.receive(1001, phone=PHONE)
    shop.receive(1002, phone=PHONE)
    keep_everything_about(shop, order_id)

    ask(shop, "customers/redact", order_id)

    assert [tuple(row) for row in shop.rows("SELECT phone FROM contacts")] == [(PHONE,)]


def test_an_erasure_that_is_asked_for_twice_is_done_once(shop: Shop) -> None:
    order_id = shop.receive(1001)

    for _ in range(2):
        ask(shop, "customers/redact", order_id)

    assert shop.events(order_id).count("Customer_Data_Erased") == 1


def test_a_customer_who_asks_for_their_data_is_announced_until_a_person_answered(shop: Shop) -> None:
    order_id = shop.receive(1001)
    person = shop.person()

    ask(shop, "customers/data_request", order_id, 299938)
    assert "A customer asked for their data." in Page(person.get("/")).text
    assert Page(person.get("/privacy")).one("input", name="id").attrs["value"] == str(order_id)
    send_form(person, "/privacy/1/done")

    assert "A customer asked for their data." not in Page(person.get("/")).text


def test_who_hands_the_data_over_second_is_told_who_was_first_and_when(shop: Shop) -> None:
    ask(shop, "customers/data_request", shop.receive(1001))
    service(shop).finish_request(1, by="ravi")
    shop.pass_time(minutes=5)
    person = shop.person()

    answer = send_form(person, "/privacy/1/done")

    said = ["ravi noted 5 min ago that the customer has their data."]
    assert flashed(look(person, answer.location)) == said


def test_a_person_cannot_tick_off_what_is_to_be_erased(shop: Shop) -> None:
    tell(shop, "shop/redact", {"shop_id": 954889, "shop_domain": STORE})

    answer = send_form(shop.person(), "/privacy/1/done")

    assert answer.status_code == 404
    assert shop.rows("SELECT done_at FROM privacy_requests")[0][0] is None


@pytest.mark.parametrize("number", ["99", "x", "9" * 40])
def test_a_request_that_does_not_exist_is_not_found(shop: Shop, number: str) -> None:
    assert send_form(shop.person(), f"/privacy/{number}/done").status_code == 404


@pytest.mark.parametrize(
    ("order_ids", "said"), [((), "nothing was found"), ((299938,), "orders that have not come yet: 1")]
)
def test_an_erasure_that_found_nothing_says_so(shop: Shop, order_ids: tuple[int, ...], said: str) -> None:
    ask(shop, "customers/redact", *order_ids)

    assert said in look(shop.person(), "/privacy").one("tbody").text
