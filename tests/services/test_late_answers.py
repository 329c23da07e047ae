"""An answer that comes when the order has got on without it: what is newer stays."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from databases import forget_triggers, refuse
from house import House
from ordercall.domain.orders.order import Status
from ordercall.errors import OutcomeUnknown, ProviderBusy
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Call, Mode

CAMPAIGN = "sandbox-campaign"


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    pair = {"SHOPIFY_CLIENT_ID": "sandbox-client-id", "SHOPIFY_CLIENT_SECRET": "sandbox-client-secret"}
    return pair | {"SHOPIFY_ACCESS_TOKEN": ""}


def synced(house: House) -> int:
    """Return the id of an order that waits for its campaign."""
    order_id = house.receive(make_order(1))
    house.sync.sync(order_id)
    return order_id


def confirm(house: House, order_id: int) -> None:
    house.orders.change_status(order_id, Status.SUCCESS, by="Asha")


def refuse_all(house: House) -> None:
    """Let Kalimera refuse what is asked from now on, the request under way too."""
    setattr(house.kalimera, "refusal", lambda: ({"message": "The phone is not valid"}, 400))  # noqa: B010 - a method


# The call


def test_a_refused_campaign_update_leaves_an_order_alone_that_was_decided_meanwhile(house: House) -> None:
    order_id = synced(house)
    house.kalimera.campaigns.clear()
    house.while_kalimera_answers(lambda: confirm(house, order_id))

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ("not_called", "already_decided")
    assert "Kalimera_Sync_Error" not in house.events(order_id)


def while_it_is_added(house: House, happens: Callable[[], object]) -> None:
    """Let something happen once, in the middle of the request that adds to the campaign's list."""

    def once(call: Call) -> None:
        if call.method == "POST":
            house.kalimera.on_call.remove(once)
            happens()

    house.kalimera.on_call.append(once)


def test_a_refused_contact_of_the_list_leaves_an_order_alone_that_was_decided_meanwhile(house: House) -> None:
    order_id = synced(house)
    house.kalimera.forget_contact(house.order(order_id).customer_phone)
    while_it_is_added(house, lambda: confirm(house, order_id))

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ("not_called", "already_decided")


def test_that_nobody_knows_whether_a_decided_order_is_rung_is_still_for_a_person_to_see(house: House) -> None:
    order_id = synced(house)
    house.kalimera.campaign_lookup = False
    house.kalimera.fail_next(1, Mode.NORMAL)
    house.kalimera.fail_next(1, Mode.LOST)
    while_it_is_added(house, lambda: confirm(house, order_id))

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ("failed", "outcome_unknown")


def test_a_refused_contact_leaves_an_order_alone_that_was_decided_meanwhile(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.while_kalimera_answers(lambda: (confirm(house, order_id), refuse_all(house)))

    house.sync.sync(order_id)

    assert house.states()[order_id] == ("not_called", "already_decided")


def test_a_refused_contact_leaves_an_order_alone_that_has_another_phone_by_now(house: House) -> None:
    order_id = house.receive(make_order(1))
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    corrected = make_order(1, phone="+915550000042", updated_at=later)
    house.while_kalimera_answers(lambda: (house.receive(corrected, "orders/updated"), refuse_all(house)))

    house.sync.sync(order_id)

    assert house.states()[order_id] == ("queued", None)


def test_a_refusal_about_a_customer_who_was_erased_meanwhile_is_not_kept(house: House) -> None:
    order_id = house.receive(make_order(1))

    def erase() -> None:
        house.request_erasure(order_id)
        house.do_erasures()
        refuse_all(house)

    house.while_kalimera_answers(erase)

    house.sync.sync(order_id)

    assert house.states()[order_id] == ("not_called", "erased")
    assert house.order(order_id).calling_detail is None


def test_a_worker_that_comes_late_takes_nobody_off_the_campaign(house: House) -> None:
    order_id = house.receive(make_order(1))

    def its_successor() -> None:
        house.sync.sync(order_id)
        house.campaigns.flush(CAMPAIGN)
        refuse_all(house)

    house.while_kalimera_answers(its_successor)

    house.sync.sync(order_id)

    assert house.states()[order_id] == ("on_campaign", None)


# The cancellation


def failed(house: House) -> int:
    order = make_order(1)
    house.shopify.add(order)
    order_id = house.receive(order)
    house.orders.change_status(order_id, Status.FAILED, by="a test")
    return order_id


def while_shopify_is_asked(house: House, mode: str, happens: Callable[[], object]) -> None:
    """Let something happen once in the middle of the request to cancel, which then ends in this mode."""

    def once(call: Call) -> None:
        if "orderCancel(" in str(call.body):
            house.shopify.on_call.remove(once)
            happens()
            call.mode = mode

    house.shopify.on_call.append(once)


def cancel(house: House, order_id: int) -> Any:
    """Cancel as a job does that comes again later; return the order as it was left."""
    with suppress(OutcomeUnknown, ProviderBusy):
        house.cancels.cancel(order_id)
    return house.order(order_id)


@pytest.mark.parametrize("mode", ["failing", "busy", "unprocessable"])
def test_a_worker_that_comes_late_does_not_lose_the_job_that_its_successor_began(house: House, mode: str) -> None:
    house.shopify.jobs.ticks = 1_000
    order_id = failed(house)
    while_shopify_is_asked(house, mode, lambda: cancel(house, order_id))

    cancel(house, order_id)

    assert house.order(order_id).cancel_state == "working"
    assert house.order(order_id).cancel_job is not None


def test_a_worker_that_comes_late_ends_no_cancellation_that_a_person_asked_for_since(house: House) -> None:
    order_id = failed(house)

    def refused_and_asked_for_again() -> None:
        house.cancels.give_up(order_id)
        house.orders.retry_cancel(order_id, by="Asha")

    while_shopify_is_asked(house, "unprocessable", refused_and_asked_for_again)

    cancel(house, order_id)

    assert house.order(order_id).cancel_state == "queued"


def test_failed_that_is_taken_back_after_a_lost_answer_is_not_said_to_have_been_in_time(house: House) -> None:
    house.shopify.jobs.ticks = 4
    order_id = failed(house)
    while_shopify_is_asked(house, "lost", lambda: None)
    cancel(house, order_id)
    house.orders.change_status(order_id, Status.PLACED, by="Asha")

    states = [cancel(house, order_id).cancel_state for _ in range(6)]

    assert (states[0], states[-1]) == ("unknown", "done")
    assert "Shopify_Cancel_Withdrawn" not in house.events(order_id)


def test_failed_that_is_taken_back_long_after_a_lost_answer_is_withdrawn(house: House) -> None:
    order_id = failed(house)
    while_shopify_is_asked(house, "failing", lambda: None)
    cancel(house, order_id)
    house.orders.change_status(order_id, Status.PLACED, by="Asha")
    house.pass_time(minutes=5)

    cancel(house, order_id)

    assert (house.order(order_id).cancel_state, house.shopify.cancellations) == (None, [])


@pytest.mark.parametrize("state", ["sending", "working", "done"])
def test_a_worker_that_dies_before_a_step_is_stored_is_followed_by_one_that_cancels_once(
    house: House, state: str
) -> None:
    order_id = failed(house)
    with house.db.begin() as tx:
        refuse(tx, "BEFORE UPDATE ON orders", f"NEW.cancel_state = '{state}'")
    with pytest.raises(DBAPIError, match="not this one"):
        house.cancels.cancel(order_id)
    with house.db.begin() as tx:
        forget_triggers(tx, "orders")

    for _ in range(5):
        left = cancel(house, order_id)

    assert (left.cancel_state, house.shopify.cancellations) == ("done", [order_id])
