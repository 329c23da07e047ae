"""An order that is edited while its customer may be rung: the answer is about what the agent told them of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from belting import say
from house import House
from ordercall.domain.orders.order import Status
from ordercall.domain.reports.fates import Fate, Why
from ordercall.domain.reports.words import Rule
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.services.report_service import ReceivedReport
from ordercall.storage.reads import needs_you
from ordercall.storage.records.reports import Door

LATER = "2036-11-24T13:00:00+05:30"
DEARER = {"total_price": "9999.00", "current_total_price": "9999.00"}
EDITS = {
    "total": DEARER,
    "items": {"line_items": [{"title": "Kurta", "quantity": 5, "price": "100.00", "current_quantity": 5}]},
    "address": {"shipping_address": make_order(1)["shipping_address"] | {"city": "Surat", "zip": "395003"}},
}


def ordered(house: House) -> int:
    order = make_order(1)
    house.shopify.add(order)
    order_id = house.receive(order)
    house.sync.sync(order_id)
    house.campaigns.flush("sandbox-campaign")
    return order_id


def edit(house: House, order_id: int, changes: dict[str, Any] = DEARER) -> None:
    newest = json.loads(house.bodies(order_id)[0] or b"")
    house.receive(newest | changes | {"updated_at": LATER}, "orders/updated")


def answer(house: House, order_id: int, word: str, **said: Any) -> ReceivedReport:
    contact = house.order(order_id).contact_id
    return say(house, door=Door.API, contact_id=contact, answer=word, **said)


def reports_for_people(house: House) -> int:
    with house.db.read() as tx:
        return needs_you.count_reports(tx)


def known(house: House, order_id: int) -> tuple[Status, Any]:
    order = house.order(order_id)
    return Status(order.confirmation_status), order.cancel_state


@pytest.mark.parametrize("changes", EDITS.values(), ids=list(EDITS))
def test_a_refusal_of_what_the_order_was_cancels_nothing_and_is_a_persons(
    house: House, changes: dict[str, Any]
) -> None:
    order_id = ordered(house)
    edit(house, order_id, changes)

    heard = answer(house, order_id, "refused")

    assert (heard.fate, heard.why) == (Fate.NEEDS_A_PERSON, Why.EDITED)
    assert known(house, order_id) == (Status.PLACED, None)
    assert reports_for_people(house) == 1


def test_a_confirmation_of_what_the_order_was_counts_and_is_a_persons_too(house: House) -> None:
    order_id = ordered(house)
    edit(house, order_id)

    heard = answer(house, order_id, "confirmed", address={"zip": "380015"})

    assert (heard.fate, heard.why) == (Fate.NEEDS_A_PERSON, Why.EDITED)
    assert known(house, order_id)[0] is Status.SUCCESS
    assert reports_for_people(house) == 1


def test_a_program_that_sets_the_status_means_the_order_as_it_is(house: House) -> None:
    order_id = ordered(house)
    edit(house, order_id)

    heard = say(house, order_id, status="Failed")

    assert (heard.fate, known(house, order_id)[0]) == (Fate.APPLIED, Status.FAILED)


def test_an_edit_of_what_the_customer_was_not_told_leaves_the_answer_as_it_is(house: House) -> None:
    order_id = ordered(house)
    edit(house, order_id, {"email": "a@b.example"})

    assert answer(house, order_id, "refused").fate is Fate.APPLIED


def test_a_word_that_is_explained_after_the_edit_is_no_more_believed(house: House) -> None:
    order_id = ordered(house)
    edit(house, order_id)
    contact = house.order(order_id).contact_id
    assert say(house, door=Door.API, contact_id=contact, answer="nahi chahiye").why is Why.UNKNOWN_WORD

    [replayed] = house.words.preview(Rule("answer", "nahi chahiye", "answer", "refused"))

    assert replayed.verdict.why is Why.EDITED


@pytest.fixture
def rewriting(house: House) -> House:
    url = f"{house.settings.kalimera_contact_url}/<contact id>"
    house.settings = replace(house.settings, kalimera_contact_update_url=url)
    house.restart_worker()
    return house


def called_again_after_an_edit(house: House) -> int:
    """Return an order that was rung in vain, edited, and is called again."""
    order_id = ordered(house)
    house.pass_time(hours=4)
    house.calls.see_silence()
    edit(house, order_id)
    house.again.request(order_id, by="Asha", confirmed=True)
    return order_id


def told_total(house: House, order_id: int) -> float:
    return float(house.kalimera.card(house.order(order_id).contact_id)["total_price"])


def test_a_further_call_tells_of_the_order_as_it_is_where_its_card_can_be_written_anew(rewriting: House) -> None:
    order_id = called_again_after_an_edit(rewriting)

    rewriting.sync.sync(order_id)
    rewriting.campaigns.flush("sandbox-campaign")

    assert told_total(rewriting, order_id) == 9999
    assert answer(rewriting, order_id, "refused").fate is Fate.APPLIED


@pytest.mark.parametrize("mode", [Mode.LOST, Mode.FAILING])
def test_a_card_that_may_not_have_been_written_anew_is_an_old_one(rewriting: House, mode: Mode) -> None:
    order_id = called_again_after_an_edit(rewriting)
    rewriting.kalimera.fail_next(1, mode)

    rewriting.sync.sync(order_id)
    rewriting.campaigns.flush("sandbox-campaign")

    assert rewriting.order(order_id).calling_state == "on_campaign"
    assert answer(rewriting, order_id, "refused").why is Why.EDITED


def test_an_edit_while_the_card_is_written_anew_makes_it_old_again(rewriting: House) -> None:
    order_id = called_again_after_an_edit(rewriting)
    once_more = {"total_price": "8888.00", "current_total_price": "8888.00", "updated_at": "2036-11-24T14:00:00+05:30"}
    newest = json.loads(rewriting.bodies(order_id)[0] or b"")
    rewriting.while_kalimera_answers(lambda: rewriting.receive(newest | once_more, "orders/updated"))

    rewriting.sync.sync(order_id)
    rewriting.campaigns.flush("sandbox-campaign")

    assert told_total(rewriting, order_id) == 9999
    assert answer(rewriting, order_id, "refused").why is Why.EDITED
