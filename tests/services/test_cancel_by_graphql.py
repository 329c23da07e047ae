"""Cancelling by GraphQL: Shopify says yes at once and cancels in a job of its own, which is followed to its end."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from house import House
from ordercall.domain.orders.order import CancelChoices, CancelReason, Status
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderBusy
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.sandbox.shopify_tokens import READ


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    pair = {"SHOPIFY_CLIENT_ID": "sandbox-client-id", "SHOPIFY_CLIENT_SECRET": "sandbox-client-secret"}
    return pair | {"SHOPIFY_ACCESS_TOKEN": ""}


def failed(house: House, choices: CancelChoices | None = None, **changes: object) -> int:
    """Return the id of an order that Shopify knows and that was marked Failed, its cancellation not yet sent."""
    order = make_order(1, **changes)
    house.shopify.add(order)
    order_id = house.receive(order)
    house.orders.change_status(order_id, Status.FAILED, by="a test", choices=choices)
    return order_id


def asked(house: House, field: str) -> list[dict[str, Any]]:
    """Return the variables of every GraphQL request for this field."""
    bodies = [call.body for call in house.shopify.calls if call.path.endswith("graphql.json")]
    return [body["variables"] for body in bodies if f"{field}(" in body["query"]]


def fail_the_cancel(house: House, mode: str) -> None:
    """Let the token and the look at the order through, and break what comes then."""
    house.shopify.fail_next(2, Mode.NORMAL)
    house.shopify.fail_next(1, mode)


def cancel_patiently(house: House, order_id: int) -> None:
    """Try again until the quiet is over that Shopify asks for, a hundredth of a second."""
    while True:
        try:
            house.cancels.cancel(order_id)
        except ProviderBusy:
            threading.Event().wait(0.01)
        else:
            return


def test_the_job_is_followed_until_the_order_is_cancelled(house: House) -> None:
    order_id = failed(house)

    house.cancels.cancel(order_id)

    row = house.order(order_id)
    assert (row.cancel_state, row.cancel_job, house.shopify.cancellations) == ("done", None, [order_id])
    assert row.shopify_cancelled_at.startswith("20")
    assert house.events(order_id)[-1] == "Shopify_Cancel_Success"


@pytest.mark.parametrize("reason", CancelReason)
def test_what_was_chosen_is_what_shopify_gets_and_nothing_is_paid_back(house: House, reason: CancelReason) -> None:
    order_id = failed(house, CancelChoices(reason=reason, restock=False, email=False), id=2**53 + 1)

    house.cancels.cancel(order_id)

    [variables] = asked(house, "orderCancel")
    assert (variables["id"], variables["reason"]) == ("gid://shopify/Order/9007199254740993", reason.upper())
    assert (variables["restock"], variables["notify"]) == (False, False)
    [query] = {call.body["query"] for call in house.shopify.calls if "orderCancel(" in str(call.body)}
    assert "refundMethod: {originalPaymentMethodsRefund: false}" in query


def test_a_job_that_takes_long_is_stored_and_followed_by_the_next_try(house: House) -> None:
    house.shopify.jobs.ticks = 8
    order_id = failed(house)
    with pytest.raises(OutcomeUnknown, match="not cancelled yet"):
        house.cancels.cancel(order_id)
    waiting = house.order(order_id)

    house.cancels.cancel(order_id)

    assert (waiting.cancel_state, waiting.cancel_job[:34]) == ("working", "gid://shopify/OrderCancelJobResult")
    assert house.order(order_id).cancel_state == "done"
    assert len(asked(house, "orderCancel")) == 1


def test_a_job_without_an_end_is_shown_to_a_person_after_an_hour(house: House) -> None:
    house.shopify.jobs.ticks = 1_000
    order_id = failed(house)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)
    house.pass_time(minutes=61)

    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state == "unclear"
    assert "It may still be cancelled" in house.order(order_id).cancel_detail
    assert "Not cancelled" not in house.messages(order_id)[-1]


def test_a_job_that_begins_after_an_hour_without_shopify_has_its_time(house: House) -> None:
    house.shopify.jobs.ticks = 8
    order_id = failed(house)
    fail_the_cancel(house, Mode.FAILING)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)
    house.pass_time(minutes=61)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)

    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state == "done"


def test_a_job_that_may_not_be_looked_at_is_not_said_to_have_failed(house: House) -> None:
    house.shopify.jobs.ticks = 1_000
    order_id = failed(house)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)
    house.shopify.fail_next(1, "unprocessable")

    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state == "unclear"


def test_a_job_that_fails_is_shown_with_its_words_and_can_be_tried_again(house: House) -> None:
    house.shopify.jobs.fail_next = 1
    order_id = failed(house)
    house.cancels.cancel(order_id)
    refused = house.order(order_id)

    house.orders.retry_cancel(order_id, by="a person")
    house.cancels.cancel(order_id)

    assert refused.cancel_detail == "Shopify could not cancel the order: The order could not be canceled."
    assert house.order(order_id).cancel_state == "done"


def test_a_job_that_shopify_forgot_is_asked_for_anew_when_the_order_is_not_cancelled(house: House) -> None:
    house.shopify.jobs.ticks = 1_000
    order_id = failed(house)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)
    house.shopify.jobs.forget()
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)
    house.shopify.jobs.ticks = 1

    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state == "done"


def test_a_job_that_ends_after_failed_was_taken_back_is_told_all_the_same(house: House) -> None:
    house.shopify.jobs.ticks = 8
    order_id = failed(house)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)
    house.orders.change_status(order_id, Status.PLACED, by="a person")

    house.cancels.cancel(order_id)

    assert (house.order(order_id).cancel_state, house.order(order_id).confirmation_status) == ("done", "Failed")


def test_an_answer_that_was_lost_is_looked_up_and_the_job_not_asked_for_twice(house: House) -> None:
    order_id = failed(house)
    fail_the_cancel(house, Mode.LOST)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)

    house.cancels.cancel(order_id)

    assert (house.order(order_id).cancel_state, house.shopify.cancellations) == ("done", [order_id])


def test_after_a_lost_answer_a_refusal_may_mean_that_shopify_is_at_it(house: House) -> None:
    house.shopify.jobs.ticks = 6
    order_id = failed(house)
    fail_the_cancel(house, Mode.LOST)
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            house.cancels.cancel(order_id)
    waiting = house.order(order_id).cancel_state

    house.cancels.cancel(order_id)

    assert (waiting, house.order(order_id).cancel_state) == ("unknown", "done")


def test_a_refusal_long_after_a_lost_answer_does_not_say_that_the_order_stands(house: House) -> None:
    house.shopify.jobs.ticks = 1_000
    order_id = failed(house)
    fail_the_cancel(house, Mode.LOST)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)
    house.pass_time(minutes=6)

    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state == "unclear"


def test_the_webhook_of_our_own_cancellation_is_one_entry_and_not_the_shops(house: House) -> None:
    house.shopify.jobs.ticks = 8
    order_id = failed(house)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)
    before = house.events(order_id)
    told = make_order(1, id=order_id) | {"cancelled_at": "2026-11-24T12:00:00+05:30"}

    house.receive(told, topic="orders/cancelled")
    house.cancels.cancel(order_id)

    assert house.events(order_id)[len(before) :] == ["Shopify_Cancel_Success"]


@pytest.mark.parametrize("fulfilled", ["fulfilled", "partial"])
def test_a_parcel_that_left_is_refused_without_asking(house: House, fulfilled: str) -> None:
    order_id = failed(house, fulfillment_status=fulfilled)

    house.cancels.cancel(order_id)

    assert (house.order(order_id).cancel_state, asked(house, "orderCancel")) == ("refused", [])


def test_what_shopify_cancelled_already_counts_as_done(house: House) -> None:
    order_id = failed(house)
    house.shopify.cancel(order_id)

    house.cancels.cancel(order_id)

    assert (house.order(order_id).cancel_state, asked(house, "orderCancel")) == ("done", [])


def test_a_no_in_the_answer_is_a_refusal_with_shopifys_words(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.orders.change_status(order_id, Status.FAILED, by="a test")

    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_detail == "Shopify could not cancel the order: Order does not exist."


def test_a_missing_scope_is_named(house: House) -> None:
    house.shopify.tokens.scopes = (READ,)
    order_id = failed(house)

    with pytest.raises(CredentialsRefused, match="Required access: `write_orders` access scope"):
        house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state == "queued"


@pytest.mark.parametrize("mode", ["throttled", "cost_throttled", "rejected", "busy", "bad_gateway", "html"])
def test_a_shopify_that_cannot_answer_now_loses_nothing(house: House, mode: str) -> None:
    order_id = failed(house)
    fail_the_cancel(house, mode)
    house.shopify.retry_after = 0.01
    with pytest.raises((ProviderBusy, OutcomeUnknown)):
        house.cancels.cancel(order_id)
    state = house.order(order_id).cancel_state

    cancel_patiently(house, order_id)

    assert state in ("queued", "unknown")
    assert house.order(order_id).cancel_state == "done"


@pytest.mark.parametrize(
    ("mode", "told"),
    [("frozen", "402"), ("unprocessable", "422"), ("locked", "423"), ("login_page", "303")],
)
def test_a_refusal_of_the_whole_request_is_shown_to_a_person(house: House, mode: str, told: str) -> None:
    order_id = failed(house)
    fail_the_cancel(house, mode)

    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state == "refused"
    assert told in house.order(order_id).cancel_detail
