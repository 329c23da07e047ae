"""What was reported about a customer goes with their data, and what is reported later leaves nothing personal."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from databases import ask
from house import House
from ordercall.jobs.tasks import forget_old
from ordercall.sandbox.orders import make_order
from ordercall.storage.records import calls, orders
from ordercall.storage.records.reports import Door, Incoming
from ringing import rung

PHONE = "+915550000041"


def report(house: House, **said: Any) -> None:
    body = json.dumps(said).encode()
    house.reports.receive(Incoming(door=Door.API, sender="API", body=body, received_at=house.now))


def kept(house: House) -> list[Any]:
    with house.db.read() as tx:
        return list(ask(tx, "SELECT * FROM reports ORDER BY id"))


def erase(house: House, order_id: int) -> None:
    house.request_erasure(order_id)
    house.do_erasures()


def call_of(house: House, order_id: int) -> str:
    with house.db.read() as tx:
        return str(calls.of_order(tx, order_id)[0].call_id)


def rung_order(house: House, number: int = 1, phone: str = PHONE) -> int:
    order_id = house.receive(make_order(number, phone=phone))
    with house.db.begin() as tx:
        rung(tx, order_id, now=house.now, contact=f"card {number}")
    return order_id


def test_reports_are_erased_with_their_order_and_their_words_stay(house: House) -> None:
    order_id = rung_order(house)
    report(house, phone=PHONE, answer="confirmed", quote="Meera says yes", unheard="x")

    erase(house, order_id)

    [row] = kept(house)
    assert (row.body, row.phone, row.body_digest) == (None, None, "")
    assert (row.shopify_id, json.loads(row.said)["answer"], row.fate) == (order_id, "confirmed", "applied")


def test_a_report_that_no_order_was_found_for_is_erased_by_its_phone_or_contact(house: House) -> None:
    report(house, phone=PHONE, answer="confirmed")
    report(house, contact_id="another", answer="confirmed")
    order_id = rung_order(house)

    erase(house, order_id)

    assert [row.body is None for row in kept(house)] == [True, False]


def test_a_report_is_erased_by_a_contact_that_is_a_text_of_digits(house: House) -> None:
    report(house, contact_id="12345", answer="confirmed")
    order_id = rung_order(house)
    with house.db.begin() as tx:
        orders.set_contacts(tx, {order_id: '"12345"'})

    erase(house, order_id)

    assert [row.body for row in kept(house)] == [None]


@pytest.mark.parametrize("erased", [0, 1], ids=["the one of the call", "the one that it names"])
def test_a_report_whose_ids_belong_to_two_orders_is_erased_with_either(house: House, erased: int) -> None:
    ours = [rung_order(house), rung_order(house, 2, "+915550000042")]
    report(house, call_id=call_of(house, ours[0]), shopify_id=ours[1], quote="Meera says no", answer="refused")
    assert [(row.why, row.shopify_id, row.body is None) for row in kept(house)] == [("ids_disagree", None, False)]

    erase(house, ours[erased])

    assert [row.body for row in kept(house)] == [None]


def test_a_report_of_a_call_that_no_order_was_found_for_is_erased_by_it(house: House) -> None:
    order_id = rung_order(house)
    report(house, call_id=call_of(house, order_id), shopify_id=1, quote="Meera says no", answer="refused")
    with house.db.begin() as tx:
        ask(tx, "UPDATE reports SET meant = '[]'")

    erase(house, order_id)

    assert [row.body for row in kept(house)] == [None]


def test_a_report_that_may_mean_two_orders_stays_as_others_are_erased(house: House) -> None:
    ours = [rung_order(house, number, f"+91555000004{number}") for number in (1, 2, 3)]
    report(house, call_id=call_of(house, ours[0]), shopify_id=ours[1], answer="refused")

    erase(house, ours[2])

    assert [row.body is None for row in kept(house)] == [False]


def test_a_later_report_keeps_ids_and_words_of_the_normal_form_only(house: House) -> None:
    order_id = rung_order(house)
    erase(house, order_id)

    report(house, shopify_id=order_id, answer="refused", quote="Meera says no", phone=PHONE)

    [row] = kept(house)
    assert (row.body, row.phone, row.unread) == (None, None, "[]")
    assert json.loads(row.said) == {"shopify_id": order_id, "answer": "refused", "final": True}
    assert row.fate == "needs_a_person"


def test_bodies_are_emptied_after_the_set_number_of_days(house: House) -> None:
    report(house, phone=PHONE, answer="confirmed")
    house.now += timedelta(days=29)
    report(house, phone=PHONE, answer="refused")
    house.now += timedelta(days=2)

    forget_old(house.worker)

    assert [row.body is None for row in kept(house)] == [True, False]


def test_a_shop_that_is_erased_keeps_no_report(house: House) -> None:
    report(house, phone=PHONE, answer="confirmed")
    shop = {"shop_id": 1, "shop_domain": "sandbox-shop.myshopify.com"}
    house.pass_time(seconds=1)
    house.receive(shop | {"id": 1}, "shop/redact")
    house.do_erasures()

    assert [(row.body, row.phone) for row in kept(house)] == [(None, None)]
