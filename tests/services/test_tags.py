"""Tags in Shopify: off by default, added by a job of their own, and their echo changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from house import House
from ordercall.domain.orders import Status
from ordercall.errors import CredentialsRefused, ProviderBusy
from ordercall.sandbox.order_book import tags_of
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.shopify_tokens import READ


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    """The old token speaks REST, and tags by GraphQL all the same."""
    return {"SHOPIFY_TAG_CONFIRMED": "confirmed"}


def placed(house: House, **changes: object) -> int:
    order = make_order(1, **changes)
    house.shopify.add(order)
    return house.receive(order)


def tags_in_shopify(house: House, order_id: int) -> list[str]:
    order = house.shopify.order(order_id)
    assert order
    return sorted(tags_of(order))


def last_entry(house: House) -> tuple[str, str]:
    with house.db.read() as tx:
        query = "SELECT event_type, message FROM logs ORDER BY id DESC LIMIT 1"
        event, message = tx.exec_driver_sql(query).one()
        return event, message


def test_a_confirmed_order_keeps_its_tags_and_gets_one_more(house: House) -> None:
    order_id = placed(house, tags="VIP, gift")
    house.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    [(arguments, _)] = house.jobs("tag_order")

    house.tags.tag(order_id, Status.SUCCESS)

    assert arguments == {"shopify_id": order_id, "status": "Success"}
    assert tags_in_shopify(house, order_id) == ["VIP", "confirmed", "gift"]
    assert house.events(order_id)[-1] == "Shopify_Tag_Added"


@pytest.mark.parametrize("status", [Status.FAILED, Status.RETURNED])
def test_a_status_without_a_tag_queues_nothing(house: House, status: Status) -> None:
    order_id = placed(house)

    house.orders.change_status(order_id, status, by="the agent")

    assert house.jobs("tag_order") == []


def test_a_status_that_is_set_again_is_not_tagged_again(house: House) -> None:
    order_id = placed(house)

    house.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    house.orders.change_status(order_id, Status.SUCCESS, by="the agent")

    assert len(house.jobs("tag_order")) == 1


def test_an_order_whose_status_was_taken_back_is_not_tagged(house: House) -> None:
    order_id = placed(house)
    house.orders.change_status(order_id, Status.SUCCESS, by="a person")
    house.orders.change_status(order_id, Status.PLACED, by="a person")

    house.tags.tag(order_id, Status.SUCCESS)

    assert tags_in_shopify(house, order_id) == []


def test_the_webhook_of_our_own_tag_changes_nothing(house: House) -> None:
    order_id = placed(house)
    house.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    sent: list[tuple[str, dict[str, Any]]] = []
    house.shopify.book.on_event.append(lambda *webhook: sent.append(webhook))
    house.tags.tag(order_id, Status.SUCCESS)
    before, events = house.order(order_id)._asdict(), house.events(order_id)

    [(topic, body)] = sent
    house.receive(body, topic=topic)

    after = house.order(order_id)._asdict()
    assert (topic, body["tags"]) == ("orders/updated", "confirmed")
    assert {name for name in after if after[name] != before[name]} <= {"shopify_updated_at"}
    assert house.events(order_id) == events
    assert len(house.jobs("tag_order")) == 1


def test_an_order_that_shopify_does_not_have_is_told(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.orders.change_status(order_id, Status.SUCCESS, by="the agent")

    house.tags.tag(order_id, Status.SUCCESS)

    assert last_entry(house) == (
        "Shopify_Tag_Error",
        "Not tagged 'confirmed' in Shopify. Shopify could not tag the order: Order does not exist",
    )


def test_a_missing_scope_is_no_matter_of_the_order(house: House) -> None:
    house.shopify.tokens.scopes = (READ,)
    order_id = placed(house)
    house.orders.change_status(order_id, Status.SUCCESS, by="the agent")

    with pytest.raises(CredentialsRefused, match="write_orders"):
        house.tags.tag(order_id, Status.SUCCESS)

    assert last_entry(house)[0] != "Shopify_Tag_Error"


def test_a_busy_shopify_is_asked_again_later(house: House) -> None:
    order_id = placed(house)
    house.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    house.shopify.fail_next(1, "cost_throttled")

    with pytest.raises(ProviderBusy) as busy:
        house.tags.tag(order_id, Status.SUCCESS)

    assert busy.value.retry_after == pytest.approx(2.0, abs=0.1)
