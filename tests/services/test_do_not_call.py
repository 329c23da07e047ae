"""A customer who does not want to be called is not rung for any order, and a person confirms those another way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from databases import ask
from house import House
from makers import make_settings
from ordercall.bootstrap.parts import number_keys
from ordercall.domain.calls.call import CallState
from ordercall.domain.do_not_call import NumberKeys, Source, Why
from ordercall.domain.reports.words import Rule
from ordercall.errors import InvalidRequest
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.storage.reads import needs_you
from ordercall.storage.records import do_not_call
from ordercall.storage.records.reports import Door, Incoming

PHONE, OTHER = "+915550000041", "+915550000042"
CAMPAIGN = "sandbox-campaign"
IN_PUBLIC = {"APP_ENV": "production", "ADMIN_PASSWORD": "a-long-password"}
NEW_KEY = "another-flask-key-that-signs-the-sessions"
NOT_CALLED = ("not_called", "do_not_call")
TO_CONFIRM = ("on_campaign", "do_not_call")


def report(house: House, **said: Any) -> None:
    body = json.dumps(said).encode()
    house.reports.receive(Incoming(door=Door.API, sender="API", body=body, received_at=house.now))


def listed(house: House, *phones: str, **wish: Any) -> list[str]:
    return house.numbers.add(phones or [PHONE], Source.API, by="API", **wish)


def ring(house: House, number: int = 1, phone: str = PHONE) -> int:
    order_id = house.receive(make_order(number, phone=phone))
    house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)
    return order_id


def state_of(house: House, order_id: int) -> tuple[str, str | None]:
    return house.states()[order_id]


def phones_rung(house: House) -> list[str]:
    return [entry.phone for entry in house.kalimera.listings]


def waiting(house: House) -> list[int]:
    """Return the orders on *Needs you*."""
    with house.db.read() as tx:
        return [order.shopify_id for order in needs_you.page(tx, before=None, after=None).rows]


def test_the_next_order_of_a_customer_who_wants_no_calls_is_not_rung(house: House) -> None:
    ring(house)
    report(house, phone=PHONE, connection="connected", do_not_call=True)

    order_id = ring(house, 2)

    assert house.states()[order_id] == NOT_CALLED
    assert phones_rung(house) == [PHONE]
    assert order_id in waiting(house)


def test_the_order_of_such_a_report_waits_for_a_person_on_its_campaign(house: House) -> None:
    order_id = ring(house)

    report(house, phone=PHONE, do_not_call=True)

    assert house.states() == {order_id: TO_CONFIRM}
    assert waiting(house) == [order_id]


@pytest.mark.parametrize("name", ["phone", "call_id", "contact_id", "shopify_id"])
def test_a_number_is_listed_by_whatever_the_report_names(house: House, name: str) -> None:
    order_id = ring(house)
    [call] = house.calls_of(order_id)
    ids = {"phone": PHONE, "call_id": call.call_id, "contact_id": call.contact_id, "shopify_id": order_id}

    report(house, **{name: ids[name]}, do_not_call=True)

    assert state_of(house, ring(house, 2)) == NOT_CALLED


@pytest.mark.parametrize(
    "said",
    [
        {"answer": "wrong_person"},
        {"answer": "confirmed", "connection": "no_answer"},
        {"answer": "a word that nobody has explained"},
        {"final": False},
        {"shopify_id": 4_711},
        {"force": True},
    ],
    ids=str,
)
def test_a_report_that_needs_a_person_for_something_else_lists_the_number_all_the_same(
    house: House, said: dict[str, Any]
) -> None:
    ring(house)

    report(house, phone=PHONE, do_not_call=True, **said)

    assert state_of(house, ring(house, 2)) == NOT_CALLED


def test_a_number_that_no_order_has_is_listed_before_its_first_order(house: House) -> None:
    report(house, phone=PHONE, do_not_call=True)

    assert state_of(house, ring(house)) == NOT_CALLED


def test_nobody_is_listed_by_a_report_that_says_nothing_of_it(house: House) -> None:
    ring(house)
    report(house, phone=PHONE, connection="declined", do_not_call=False)

    order_id = ring(house, 2)

    assert house.states()[order_id] == ("on_campaign", None)


def test_a_confirmation_with_that_wish_confirms_its_order_and_ends_the_calls(house: House) -> None:
    order_id = ring(house)

    report(house, phone=PHONE, answer="confirmed", do_not_call=True)

    assert house.order(order_id).confirmation_status == "Success"
    assert waiting(house) == []
    assert state_of(house, ring(house, 2)) == NOT_CALLED


def test_an_order_that_waits_for_its_call_is_withdrawn_with_the_reason(house: House) -> None:
    order_id = house.receive(make_order(1, phone=PHONE))
    house.sync.sync(order_id)

    listed(house)
    house.campaigns.flush(CAMPAIGN)

    [call] = house.calls_of(order_id)
    assert (call.state, call.reason) == (CallState.WITHDRAWN, "do_not_call")
    assert house.states() == {order_id: NOT_CALLED}
    assert phones_rung(house) == []
    assert waiting(house) == [order_id]
    assert "Not called: Its customer has asked not to be called." in house.messages(order_id)


def test_an_order_whose_contact_is_being_made_is_not_rung(house: House) -> None:
    order_id = house.receive(make_order(1, phone=PHONE))
    house.while_kalimera_answers(lambda: listed(house))

    house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)

    assert (house.states(), phones_rung(house)) == ({order_id: NOT_CALLED}, [])


def test_an_order_whose_campaign_is_being_set_is_not_rung(house: House) -> None:
    order_id = house.receive(make_order(1, phone=PHONE))
    house.sync.sync(order_id)
    house.while_kalimera_answers(lambda: listed(house))

    house.campaigns.flush(CAMPAIGN)

    assert (house.states(), phones_rung(house)) == ({order_id: NOT_CALLED}, [])


def test_a_call_that_has_left_stays_and_its_order_is_confirmed_another_way(house: House) -> None:
    order_id = ring(house)

    listed(house)

    [call] = house.calls_of(order_id)
    assert call.state is CallState.PLACED
    assert house.states() == {order_id: TO_CONFIRM}
    assert "Kalimera takes nobody off its list" in house.messages(order_id)[-1]


def test_a_number_that_is_listed_while_it_is_added_waits_for_a_person_afterwards(house: House) -> None:
    order_id = house.receive(make_order(1, phone=PHONE))
    house.sync.sync(order_id)
    ring(house, 2, OTHER)  # the campaign is set, so the next request adds
    again = house.receive(make_order(3, phone=PHONE))
    house.sync.sync(again)
    house.kalimera.on_call.append(lambda call: listed(house) if call.path.endswith("/campaign/contacts") else None)

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[again] == TO_CONFIRM
    assert {order_id, again} <= set(waiting(house))


def test_what_kalimera_was_too_busy_for_is_not_tried_again(house: House) -> None:
    order_id = house.receive(make_order(1, phone=PHONE))
    house.sync.sync(order_id)
    house.kalimera.switch(Mode.BUSY)
    house.campaigns.flush(CAMPAIGN)
    listed(house)
    house.kalimera.switch(Mode.NORMAL)

    house.pass_time(minutes=10)
    house.campaigns.flush(CAMPAIGN)

    assert (house.states(), phones_rung(house)) == ({order_id: NOT_CALLED}, [])


def test_a_person_cannot_have_a_listed_number_called(house: House) -> None:
    listed(house)
    order_id = house.receive(make_order(1, phone=PHONE))

    with pytest.raises(InvalidRequest, match="has asked not to be called"):
        house.orders.request_sync(order_id, by="admin")


def test_only_the_exact_number_counts(house: House) -> None:
    listed(house, OTHER)

    assert state_of(house, ring(house)) == ("on_campaign", None)


def test_an_order_whose_phone_is_corrected_to_another_number_is_called(house: House) -> None:
    listed(house)
    order_id = house.receive(make_order(1, phone=PHONE))

    house.receive(make_order(1, phone=OTHER, updated_at="2036-11-24T13:00:00+05:30"), "orders/updated")

    assert house.states() == {order_id: ("queued", None)}


def test_an_order_whose_phone_is_corrected_to_a_listed_number_is_not_called(house: House) -> None:
    listed(house, OTHER)
    order_id = house.receive(make_order(1, phone=PHONE))

    house.receive(make_order(1, phone=OTHER, updated_at="2036-11-24T13:00:00+05:30"), "orders/updated")
    house.sync.sync(order_id)

    assert (house.states(), phones_rung(house)) == ({order_id: NOT_CALLED}, [])


def test_a_wish_ends_when_it_says(house: House) -> None:
    before = house.now
    house.pass_time(hours=1)
    ends_at = house.now
    house.now = before
    listed(house, ends_at=ends_at)
    assert state_of(house, ring(house, 1)) == NOT_CALLED

    house.now = ends_at

    assert state_of(house, ring(house, 2)) == ("on_campaign", None)


def test_a_shorter_wish_does_not_end_a_longer_one(house: House) -> None:
    listed(house)
    assert listed(house, ends_at=house.now.replace(year=2027)) == []

    house.pass_time(days=1_000)

    assert state_of(house, ring(house)) == NOT_CALLED


def test_a_number_that_is_taken_off_is_called_again_and_no_order_by_that_alone(house: House) -> None:
    rung = ring(house)
    listed(house)
    kept_back = ring(house, 2)

    assert house.numbers.remove(PHONE, by="admin")
    assert house.states() == {rung: ("on_campaign", None), kept_back: NOT_CALLED}
    house.orders.request_sync(kept_back, by="admin")
    house.sync.sync(kept_back)
    house.campaigns.flush(CAMPAIGN)
    assert house.states()[kept_back] == ("on_campaign", None)


def test_an_erasure_keeps_the_wish_and_no_number(house: House) -> None:
    order_id = ring(house)
    report(house, phone=PHONE, do_not_call=True)

    house.request_erasure(order_id)
    house.do_erasures()

    with house.db.read() as tx:
        [entry] = ask(tx, "SELECT * FROM do_not_call")
    assert PHONE[-4:] not in " ".join(map(str, entry._mapping.values()))
    assert state_of(house, ring(house, 2)) == NOT_CALLED


def test_a_report_after_the_erasure_is_a_wish_as_well(house: House) -> None:
    order_id = ring(house)
    house.request_erasure(order_id)
    house.do_erasures()

    report(house, phone=PHONE, shopify_id=order_id, do_not_call=True)

    assert state_of(house, ring(house, 2)) == NOT_CALLED


def test_a_word_that_is_explained_later_lists_the_number(house: House) -> None:
    ring(house)
    report(house, phone=PHONE, do_not_call="DNC")
    assert state_of(house, ring(house, 2)) == ("on_campaign", None)

    house.words.teach(Rule("do_not_call", "DNC", "do_not_call", "true"), by="admin")
    house.words.apply_again(by="admin")

    assert state_of(house, ring(house, 3)) == NOT_CALLED


def test_nobody_is_called_while_the_list_cannot_be_read(house: House) -> None:
    """The secret was changed and the earlier one is nowhere: who asked to be left alone cannot be told."""
    gone = NumberKeys.of(["the secret before"])
    with house.db.begin() as tx:
        do_not_call.add(tx, gone, [PHONE], Source.API, by="API", ends_at=None, why=Why.ASKED, now=house.now)

    order_id = ring(house)

    assert house.states() == {order_id: ("failed", "settings_missing")}
    assert house.order(order_id).calling_detail == "FLASK_OLD_SECRET_KEY not set."
    assert phones_rung(house) == []


def test_those_who_wait_for_their_campaign_wait_on_while_the_list_cannot_be_read(house: House) -> None:
    order_id = house.receive(make_order(1, phone=PHONE))
    house.sync.sync(order_id)
    gone = NumberKeys.of(["the secret before"])
    with house.db.begin() as tx:
        do_not_call.add(tx, gone, [OTHER], Source.API, by="API", ends_at=None, why=Why.ASKED, now=house.now)

    house.campaigns.flush(CAMPAIGN)

    assert (house.states(), phones_rung(house)) == ({order_id: ("queued", None)}, [])


def test_a_list_made_in_development_and_one_under_an_earlier_secret_count_in_production() -> None:
    first = make_settings()
    before = make_settings(**IN_PUBLIC)
    after = make_settings(**IN_PUBLIC | {"FLASK_SECRET_KEY": NEW_KEY, "FLASK_OLD_SECRET_KEY": before.flask_secret_key})

    known = number_keys(after).keys
    assert number_keys(before).keys[0] in known
    assert number_keys(first).keys[0] in known
    assert number_keys(after).keys[0] not in (*number_keys(before).keys, *number_keys(first).keys)


def test_development_needs_no_secret_to_keep_its_list() -> None:
    starts = (make_settings(FLASK_SECRET_KEY=""), make_settings(FLASK_SECRET_KEY=""))

    assert len({number_keys(settings).keys[0] for settings in starts}) == 1
