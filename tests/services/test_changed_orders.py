"""An order that changes in Shopify while its customer is on the way to the calling list, or on it already."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from databases import add_trigger
from house import House
from ordercall.domain.orders.order import Status
from ordercall.errors import InvalidRequest
from ordercall.sandbox.orders import make_order
from ordercall.storage.reads import needs_you

CAMPAIGN = "sandbox-campaign"
NEW_PHONE = "+915550000042"


def order_at(house: House, minutes: int, **changes: Any) -> dict[str, Any]:
    """Return order #1 as it stands after so many minutes."""
    return make_order(1, updated_at=(house.now + timedelta(minutes=minutes)).isoformat(), **changes)


def rung(house: House) -> list[str]:
    """Return the phones that the campaign's list leads to."""
    phones = {contact["contact_id"]: phone for phone, contact in house.kalimera.contacts.items()}
    return [phones[listing.contact_id] for listing in house.kalimera.listings]


def work(house: House, order_id: int) -> None:
    house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)


def test_a_phone_that_is_corrected_before_the_list_is_the_one_that_is_rung(house: House) -> None:
    order_id = house.receive(order_at(house, 0))
    house.sync.sync(order_id)

    house.receive(order_at(house, 1, phone=NEW_PHONE), "orders/updated")
    house.campaigns.flush(CAMPAIGN)
    assert rung(house) == []
    work(house, order_id)

    assert rung(house) == [NEW_PHONE]


def test_a_phone_that_is_corrected_while_kalimera_answers_is_the_one_that_is_rung(house: House) -> None:
    order_id = house.receive(order_at(house, 0))
    with house.db.begin() as tx:
        correction = "UPDATE orders SET customer_phone = '+915550000042'"
        add_trigger(tx, "AFTER INSERT ON contacts", "(SELECT count(*) FROM contacts) = 1", correction)

    work(house, order_id)
    assert (rung(house), house.order(order_id).contact_id) == ([], None)
    work(house, order_id)

    assert rung(house) == [NEW_PHONE]


def test_a_state_that_is_corrected_while_kalimera_answers_and_changes_no_agent_keeps_its_call(house: House) -> None:
    order_id = house.receive(order_at(house, 0, state="Kerala"))
    moved = order_at(house, 1, state="Karnataka")
    house.while_kalimera_answers(lambda: house.receive(moved, "orders/updated"))

    work(house, order_id)

    assert house.states()[order_id] == ("on_campaign", None)


def test_an_order_that_is_decided_while_kalimera_answers_is_left_out_once(house: House) -> None:
    order_id = house.receive(order_at(house, 0))
    house.while_kalimera_answers(lambda: house.orders.change_status(order_id, Status.SUCCESS, by="Asha"))

    work(house, order_id)

    assert house.events(order_id).count("Order_Not_Called") == 1


def test_a_state_that_is_corrected_before_the_list_picks_the_other_agent(house: House) -> None:
    order_id = house.receive(order_at(house, 0, state="Kerala"))
    house.sync.sync(order_id)

    house.receive(order_at(house, 1, state="Gujarat"), "orders/updated")
    work(house, order_id)

    assert house.order(order_id).language == "hi"
    assert len(house.kalimera.listings) == 1


def test_a_code_that_is_corrected_before_the_list_picks_the_other_agent(house: House) -> None:
    order = order_at(house, 0)
    order["shipping_address"] |= {"province": "ગુજ", "province_code": "MH"}
    order_id = house.receive(order)
    house.sync.sync(order_id)

    corrected = order_at(house, 1)
    corrected["shipping_address"] |= {"province": "ગુજ", "province_code": "GJ"}
    house.receive(corrected, "orders/updated")
    work(house, order_id)

    stored = house.order(order_id)
    assert (stored.state, stored.province_code, stored.language) == ("ગુજ", "GJ", "hi")
    assert len(house.kalimera.listings) == 1


def test_a_name_that_another_language_writes_changes_no_agent_and_keeps_the_call(house: House) -> None:
    order = order_at(house, 0)
    order["shipping_address"] |= {"province": "Gujarat", "province_code": "GJ"}
    order_id = house.receive(order)
    house.sync.sync(order_id)

    renamed = order_at(house, 1)
    renamed["shipping_address"] |= {"province": "ગુજરાત", "province_code": "GJ"}
    house.receive(renamed, "orders/updated")

    assert len(house.jobs("sync_order")) == 1
    assert house.order(order_id).state == "ગુજરાત"


def test_a_phone_that_is_corrected_too_late_is_told_and_rings_nobody_twice(house: House) -> None:
    order_id = house.receive(order_at(house, 0))
    work(house, order_id)

    house.receive(order_at(house, 1, phone=NEW_PHONE), "orders/updated")
    work(house, order_id)

    assert house.events(order_id)[-3:] == [
        "Shopify_Order_Updated",
        "Kalimera_Call_Not_Stopped",
        "Kalimera_Call_Not_Stopped",
    ]
    assert len(house.kalimera.listings) == 1


def waits_for_a_person(house: House) -> list[tuple[int, str | None]]:
    with house.db.read() as tx:
        page = needs_you.page(tx, before=None, after=None)
    return [(order.shopify_id, order.calling_reason) for order in page.rows]


def test_an_order_whose_phone_is_corrected_too_late_waits_for_a_person_who_calls(house: House) -> None:
    order_id = house.receive(order_at(house, 0))
    work(house, order_id)

    house.receive(order_at(house, 1, phone=NEW_PHONE), "orders/updated")
    work(house, order_id)

    assert waits_for_a_person(house) == [(order_id, "phone_changed")]
    assert "Call the customer yourself" in house.messages(order_id)[-1]


def test_a_sync_of_an_order_whose_phone_is_corrected_too_late_is_refused_with_what_to_do(house: House) -> None:
    order_id = house.receive(order_at(house, 0))
    work(house, order_id)
    house.receive(order_at(house, 1, phone=NEW_PHONE), "orders/updated")

    with pytest.raises(InvalidRequest, match="Call the customer yourself"):
        house.orders.request_sync(order_id, by="Asha")

    assert house.states()[order_id] == ("failed", "phone_changed")
    with house.db.read() as tx:
        assert needs_you.count_of(tx, needs_you.to_sync(missing=False))[0] == 0


def test_another_change_of_an_order_on_the_list_leaves_its_call(house: House) -> None:
    order_id = house.receive(order_at(house, 0))
    work(house, order_id)

    house.receive(order_at(house, 1, state="Gujarat"), "orders/updated")

    assert waits_for_a_person(house) == []
    assert house.states()[order_id] == ("on_campaign", None)


def test_an_order_that_is_cancelled_while_it_waits_is_not_put_on_the_list(house: House) -> None:
    order_id = house.receive(order_at(house, 0))
    house.sync.sync(order_id)

    house.receive(order_at(house, 1, cancelled_at=house.now.isoformat()), "orders/cancelled")
    house.campaigns.flush(CAMPAIGN)

    assert (rung(house), house.states()[order_id]) == ([], ("not_called", "cancelled"))


def test_an_order_whose_money_was_given_back_while_it_waits_is_not_put_on_the_list(house: House) -> None:
    order = order_at(house, 0)
    order_id = house.receive(order)
    house.shopify.add(order)
    house.shopify.book.refund(order_id)

    house.reconcile.read_again(order_id)
    work(house, order_id)

    assert (rung(house), house.states()[order_id]) == ([], ("not_called", "refunded"))


def test_that_a_cancelled_order_is_on_the_list_already_is_told_as_a_problem(house: House) -> None:
    order_id = house.receive(order_at(house, 0))
    work(house, order_id)

    house.receive(order_at(house, 1, cancelled_at=house.now.isoformat()), "orders/cancelled")

    assert house.events(order_id)[-3:] == [
        "Shopify_Order_Cancelled",
        "Order_Status_Updated",
        "Kalimera_Call_Not_Stopped",
    ]
    assert house.order(order_id).calling_state == "on_campaign"


def test_a_refused_phone_that_is_corrected_is_tried_again(house: House) -> None:
    order_id = house.receive(order_at(house, 0))
    with house.db.begin() as tx:
        tx.exec_driver_sql("UPDATE orders SET calling_state = 'failed', calling_reason = 'kalimera_refused'")

    house.receive(order_at(house, 1, phone=NEW_PHONE), "orders/updated")
    work(house, order_id)

    assert rung(house) == [NEW_PHONE]


def test_an_order_that_waits_when_the_app_is_uninstalled_is_kept_back(house: House) -> None:
    order_id = house.receive(order_at(house, 0))
    house.sync.sync(order_id)

    house.receive({"id": 1, "shop_owner": "Asha Iyer"}, "app/uninstalled")
    house.campaigns.flush(CAMPAIGN)

    assert (rung(house), house.states()[order_id]) == ([], ("not_called", "disconnected"))


def test_an_order_whose_shipping_is_taken_back_is_rung_once(house: House) -> None:
    order_id = house.receive(order_at(house, 0))
    house.receive(order_at(house, 1, fulfillment_status="fulfilled"), "orders/fulfilled")
    work(house, order_id)
    assert rung(house) == []

    house.receive(order_at(house, 2), "orders/updated")
    work(house, order_id)
    house.receive(order_at(house, 3, fulfillment_status="fulfilled"), "orders/fulfilled")
    house.receive(order_at(house, 4), "orders/updated")
    work(house, order_id)

    assert len(rung(house)) == 1
    assert "Kalimera_Call_Not_Stopped" not in house.events(order_id)
