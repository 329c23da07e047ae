"""Erasing a customer while the work on their order goes on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from databases import ask
from house import House
from ordercall.sandbox.orders import make_order

CAMPAIGN = "sandbox-campaign"
OLD, NEW = "+915550000041", "+915550000042"


def erase(house: House, order_id: int) -> None:
    house.request_erasure(order_id)
    house.do_erasures()


def phones(house: House) -> list[str]:
    """Return the phones whose contacts are remembered."""
    with house.db.read() as tx:
        return list(ask(tx, "SELECT phone FROM contacts ORDER BY phone").scalars())


def bodies_kept(house: House) -> list[int]:
    """Return the orders whose bodies are still there."""
    with house.db.read() as tx:
        kept = "SELECT body FROM deliveries WHERE body IS NOT NULL AND topic <> 'customers/redact' ORDER BY id"
        return [json.loads(body)["id"] for body in ask(tx, kept).scalars()]


def correct_phone(house: House, number: int, phone: str) -> None:
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    house.receive(make_order(number, phone=phone, updated_at=later), "orders/updated")


def test_a_contact_that_was_made_while_its_customer_was_erased_leaves_no_phone_and_is_named(house: House) -> None:
    order_id = house.receive(make_order(1, phone=OLD))
    house.while_kalimera_answers(lambda: erase(house, order_id))

    house.sync.sync(order_id)

    made = house.kalimera.contacts[OLD]["contact_id"]
    assert (phones(house), house.order(order_id).contact_id) == ([], None)
    assert made in house.messages(order_id)[-1]


def test_the_contact_of_a_phone_that_was_corrected_is_forgotten(house: House) -> None:
    order_id = house.receive(make_order(1, phone=OLD))
    house.sync.sync(order_id)
    assert phones(house) == [OLD]

    correct_phone(house, 1, NEW)

    assert phones(house) == []


def test_a_phone_that_is_corrected_while_kalimera_answers_is_not_remembered_afterwards(house: House) -> None:
    order_id = house.receive(make_order(1, phone=OLD))
    house.while_kalimera_answers(lambda: correct_phone(house, 1, NEW))

    house.sync.sync(order_id)

    assert phones(house) == []


def test_the_contact_of_a_corrected_phone_is_kept_for_another_order_that_has_it(house: House) -> None:
    house.receive(make_order(2, phone=OLD))
    order_id = house.receive(make_order(1, phone=OLD))
    house.sync.sync(order_id)

    correct_phone(house, 1, NEW)

    assert phones(house) == [OLD]


def test_an_erasure_names_the_contact_that_the_list_had_before_the_phone_was_corrected(house: House) -> None:
    order_id = house.receive(make_order(1, phone=OLD))
    house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)
    listed = house.order(order_id).contact_id
    correct_phone(house, 1, NEW)

    erase(house, order_id)

    with house.db.read() as tx:
        assert listed in ask(tx, "SELECT report FROM privacy_requests").scalar_one()


def test_an_erasure_names_every_contact_by_which_the_customer_was_called(house: House) -> None:
    order_id = house.receive(make_order(1, phone=OLD))
    house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)
    correct_phone(house, 1, NEW)
    house.again.request(order_id, by="Asha", confirmed=True)
    house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)

    erase(house, order_id)

    with house.db.read() as tx:
        told = ask(tx, "SELECT report FROM privacy_requests").scalar_one()
    assert {phone for phone, made in house.kalimera.contacts.items() if made["contact_id"] in told} == {OLD, NEW}


def test_an_erasure_names_the_contacts_by_which_nobody_was_called(house: House) -> None:
    order_id = house.receive(make_order(1, phone=OLD))
    house.sync.sync(order_id)
    correct_phone(house, 1, NEW)
    house.sync.sync(order_id)

    erase(house, order_id)

    with house.db.read() as tx:
        told = ask(tx, "SELECT report FROM privacy_requests").scalar_one()
    assert {phone for phone, made in house.kalimera.contacts.items() if made["contact_id"] in told} == {OLD, NEW}


def test_an_erased_order_no_longer_says_which_state_it_shipped_to(house: House) -> None:
    order_id = house.receive(make_order(1, state="Nagaland"))
    house.sync.sync(order_id)
    assert any("Nagaland" in message for message in house.messages(order_id))

    erase(house, order_id)

    assert not any("Nagaland" in message for message in house.messages(order_id))


def test_an_erasure_whose_job_was_given_up_is_taken_up_again(house: House) -> None:
    order_id = house.receive(make_order(1, phone=OLD))
    house.request_erasure(order_id)
    with house.db.begin() as tx:
        tx.exec_driver_sql("DELETE FROM procrastinate_jobs")

    house.shop.take_up_again()
    house.do_erasures()
    house.shop.take_up_again()

    assert house.order(order_id).customer_phone is None
    assert len(house.jobs("answer_privacy_request")) == 1


def test_a_refund_that_is_told_after_the_erasure_keeps_no_body(house: House) -> None:
    order_id = house.receive(make_order(1))
    erase(house, order_id)

    house.receive({"id": 1, "order_id": order_id}, "refunds/create")

    assert house.bodies(order_id) == [None, None]


def test_an_erasure_empties_the_same_body_that_came_under_an_unused_topic(house: House) -> None:
    order, other = make_order(1), make_order(2)
    house.receive(other, "draft_orders/update")
    house.receive(order, "draft_orders/update")
    order_id = house.receive(order)

    erase(house, order_id)

    assert bodies_kept(house) == [other["id"]]
