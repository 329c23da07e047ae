"""From a stored order to a place on the campaign, step by step."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from house import House
from ordercall.domain.orders.order import Status
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderBusy
from ordercall.jobs.engine import NextTry
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.services.order_service import Outlook
from ordercall.storage.records import orders

CAMPAIGN = "sandbox-campaign"


def posts(house: House, path: str) -> list[object]:
    return [call.body for call in house.kalimera.calls if call.method == "POST" and call.path.endswith(path)]


def test_a_contact_is_stored_before_the_order_waits_for_its_campaign(house: House) -> None:
    order_id = house.receive(make_order(1))

    house.sync.sync(order_id)

    assert house.order(order_id).contact_id == next(iter(house.kalimera.contacts.values()))["contact_id"]
    assert house.jobs("flush_campaign") == [({"campaign_id": "sandbox-campaign"}, None)]
    assert house.kalimera.listings == []


def test_kalimera_is_told_what_the_agent_needs_to_know(house: House) -> None:
    order = make_order(1)
    order_id = house.receive(order)

    house.sync.sync(order_id)

    [contact] = posts(house, "/contact")
    [call] = house.calls_of(order_id)
    assert contact["phone"] == order["phone"]
    assert contact["metadata"] == {
        "call_id": call.call_id,
        "shopify_id": order_id,
        "order_name": "#1",
        "product_title": order["line_items"][0]["title"],
        "total_price": float(order["total_price"]),
        "currency": "INR",
        "items": f"1 × {order['line_items'][0]['name']}",
        "current_total_price": float(order["total_price"]),
        "total_outstanding": float(order["total_price"]),
        "presentment_currency": "INR",
    }


def test_a_second_run_of_the_same_job_changes_nothing(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)
    before = house.events(order_id)

    house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)

    assert house.events(order_id) == before
    assert len(house.kalimera.listings) == 1


def test_a_job_that_is_given_up_takes_nobody_off_the_campaign(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)

    house.sync.give_up(order_id)

    assert house.states()[order_id] == ("on_campaign", None)


def test_a_job_that_is_given_up_sets_aside_an_order_that_waits(house: House) -> None:
    order_id = house.receive(make_order(1))

    house.sync.give_up(order_id)

    assert house.states()[order_id] == ("failed", "crashed")


def test_an_existing_contact_is_used_by_the_id_in_the_refusal(house: House) -> None:
    order = make_order(1)
    house.kalimera.contacts[order["phone"]] = {"contact_id": "there-before", "phone": order["phone"]}
    order_id = house.receive(order)

    house.sync.sync(order_id)

    assert house.order(order_id).contact_id == "there-before"
    assert "Kalimera_Contact_Reused" in house.events(order_id)


def test_an_existing_contact_is_looked_up_when_the_refusal_hides_its_id(house: House) -> None:
    order = make_order(1)
    house.kalimera.duplicate_shows_id = False
    house.kalimera.contacts[order["phone"]] = {"contact_id": "there-before", "phone": order["phone"]}
    order_id = house.receive(order)

    house.sync.sync(order_id)

    assert house.order(order_id).contact_id == "there-before"


def test_a_contact_whose_answer_was_lost_is_found_and_not_made_twice(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.kalimera.fail_next(1, Mode.LOST)

    house.sync.sync(order_id)

    assert house.order(order_id).contact_id == next(iter(house.kalimera.contacts.values()))["contact_id"]
    assert len(posts(house, "/contact")) == 1


def test_a_contact_that_a_dead_worker_may_have_made_is_looked_for_first(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.kalimera.fail_next(2, Mode.LOST)  # the creation and the look after it
    with pytest.raises(OutcomeUnknown):
        house.sync.sync(order_id)

    house.sync.sync(order_id)

    assert len(posts(house, "/contact")) == 1
    assert house.order(order_id).contact_id


def test_a_busy_kalimera_leaves_the_order_queued(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.kalimera.fail_next(1, Mode.BUSY)

    with pytest.raises(ProviderBusy):
        house.sync.sync(order_id)

    assert house.states()[order_id] == ("queued", None)


def test_a_wrong_token_is_no_matter_of_the_order(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.kalimera.token = "Bearer another"

    with pytest.raises(CredentialsRefused):
        house.sync.sync(order_id)

    assert house.states()[order_id] == ("queued", None)
    assert "Kalimera_Sync_Error" not in house.events(order_id)


def test_an_order_at_night_waits_for_the_opening(house: House) -> None:
    house.pass_time(hours=10)
    order_id = house.receive(make_order(1))

    house.sync.sync(order_id)

    assert house.states()[order_id] == ("waiting_for_hours", None)
    assert house.jobs("sync_order")[-1][1] == datetime(2026, 11, 25, 3, 30, tzinfo=UTC)
    assert house.kalimera.calls == []


def test_an_order_that_was_decided_meanwhile_is_not_called(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.orders.change_status(order_id, Status.SUCCESS, by="a test")

    house.sync.sync(order_id)

    assert house.states()[order_id] == ("not_called", "already_decided")
    assert house.kalimera.calls == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"test": True}, "test_order"),
        ({"cancelled_at": "2026-11-24T10:00:00+05:30"}, "cancelled"),
        ({"phone": None}, "no_phone"),
    ],
)
def test_these_are_kept_and_never_called(house: House, changes: dict[str, object], reason: str) -> None:
    order_id = house.receive(make_order(1, **changes))

    house.sync.sync(order_id)

    assert house.states()[order_id] == ("not_called", reason)
    assert house.jobs("sync_order") == []
    assert house.kalimera.calls == []


def test_what_a_provider_said_is_kept_without_phone_and_name(house: House) -> None:
    order = make_order(1)
    order_id = house.receive(order)

    house.sync.sync(order_id)

    with house.db.read() as tx:
        details = " ".join(filter(None, tx.exec_driver_sql("SELECT detail FROM logs").scalars()))
    customer = order["customer"]
    personal = (order["phone"], order["email"], customer["first_name"], order["shipping_address"]["address1"])
    assert '"status": 201' in details
    assert [text for text in personal if text in details] == []


def outlook(house: House, order_id: int) -> Outlook | None:
    with house.db.read() as tx:
        order = orders.find(tx, order_id)
        assert order is not None
        return house.orders.outlook(tx, order)


def test_an_order_tells_when_it_is_tried_next(house: House) -> None:
    order_id = house.receive(make_order(1))
    assert outlook(house, order_id) == Outlook(NextTry(failed=0, at=None), of_all=False)

    with house.db.begin() as tx:
        tx.exec_driver_sql("UPDATE procrastinate_jobs SET attempts = 3, scheduled_at = '2026-11-24 07:00:00'")

    expected = NextTry(failed=3, at=datetime(2026, 11, 24, 7, tzinfo=UTC))
    assert outlook(house, order_id) == Outlook(expected, of_all=False)


def test_an_order_tells_that_a_worker_is_at_it(house: House) -> None:
    order_id = house.receive(make_order(1))
    with house.db.begin() as tx:
        tx.exec_driver_sql("UPDATE procrastinate_jobs SET attempts = 1, status = 'doing'")

    assert outlook(house, order_id) == Outlook(NextTry(failed=1, at=None, under_way=True), of_all=False)


def test_an_order_that_waits_for_its_campaign_tells_when_that_is_tried_next(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.sync.sync(order_id)
    with house.db.begin() as tx:
        tx.exec_driver_sql("DELETE FROM procrastinate_jobs")
    house.kalimera.fail_next(1, Mode.BUSY)

    house.campaigns.flush(house.order(order_id).campaign_id)

    found = outlook(house, order_id)
    assert found is not None
    assert (found.of_all, found.next_try.failed) == (True, 1)
    assert found.next_try.at is not None


def test_nobody_tries_an_order_again_that_is_on_the_campaign_or_set_aside(house: House) -> None:
    order_id = house.receive(make_order(1))
    with house.db.begin() as tx:
        tx.exec_driver_sql("UPDATE orders SET calling_state = 'failed'")

    assert outlook(house, order_id) is None
