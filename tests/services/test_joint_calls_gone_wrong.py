"""Joint calls of which one order is left alone: what the card says that it no longer stands for is nobody's answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from joining import CANCELLED, by_card, died_before_the_answer, of_the_customer

from house import House
from ordercall.domain.orders.order import Status
from ordercall.domain.reports.fates import Fate
from ordercall.providers import outgoing
from rounds import go_on, last, report, rung, silence

type Step = Callable[[House, int], object]


@pytest.fixture
def shop(house: House) -> House:
    house.publish("attempts", together=True, number=3, gaps=(timedelta(hours=1),))
    house.kalimera.several_contacts = True
    return house


@pytest.fixture
def two(shop: House) -> tuple[int, int]:
    """Two orders of a customer, which wait."""
    return shop.receive(of_the_customer(1)), shop.receive(of_the_customer(2))


def died_with_a_card(house: House, order_id: int) -> None:
    """Have a worker die that has made a card and stored nothing of it."""
    with house.db.begin() as tx:
        [ready] = house.sync.prepare(tx, [order_id])
    outgoing.run(house.sync.contact_for(ready))


def cancelled(house: House, _order_id: int) -> None:
    house.receive(of_the_customer(2, **CANCELLED), "orders/cancelled")


def erased(house: House, order_id: int) -> None:
    house.request_erasure(order_id)
    house.do_erasures()


def no_longer_together(house: House, _order_id: int) -> None:
    house.publish("attempts", together=False)


def decided(house: House, order_id: int) -> None:
    house.orders.change_status(order_id, Status.SUCCESS, by="Asha")


def corrected(house: House, _order_id: int) -> None:
    changed = of_the_customer(2, phone="+915550000190", updated_at="2036-11-24T13:00:00+05:30")
    house.receive(changed, "orders/updated")


def called_again(house: House, order_id: int) -> None:
    house.again.request(order_id, by="Asha", confirmed=True)
    go_on(house, order_id)


def ids_of(house: House, order_id: int) -> dict[str, str]:
    """Return what a report may name a call of an order by."""
    call, phone = last(house, order_id), house.order(order_id).customer_phone
    return {"call_id": call.known_as, "contact_id": str(call.contact_id), "phone": phone}


def told(house: House, order_id: int) -> list[int]:
    """Return of which orders the card tells by which an order is rung."""
    card = house.kalimera.card(house.order(order_id).contact_id)
    return [one["shopify_id"] for one in card.get("orders", [card])]


@pytest.mark.parametrize("died", [died_before_the_answer, died_with_a_card])
@pytest.mark.parametrize("left", [cancelled, erased, no_longer_together])
def test_who_is_left_alone_after_a_crash_is_rung_once_by_a_card_of_its_own_and_heard(
    shop: House, two: tuple[int, int], died: Step, left: Step
) -> None:
    died(shop, two[0])
    left(shop, two[1])

    for _ in range(2):
        go_on(shop, two[0])

    assert (told(shop, two[0]), rung(shop)) == ([two[0]], 1)
    known_as = shop.kalimera.card(shop.order(two[0]).contact_id)["call_id"]
    assert report(shop, two[0], shopify_id=None, call_id=known_as, answer="confirmed")[0] is Fate.APPLIED


@pytest.fixture
def called(shop: House, two: tuple[int, int]) -> tuple[int, int]:
    """Two orders of a customer who is rung for both."""
    go_on(shop, *two)
    return two


@pytest.mark.parametrize("named_by", ["call_id", "contact_id", "phone"])
@pytest.mark.parametrize("left", [cancelled, erased, decided, corrected, called_again])
def test_a_no_that_names_no_order_is_a_persons_whatever_became_of_the_other(
    shop: House, called: tuple[int, int], left: Step, named_by: str
) -> None:
    ids = ids_of(shop, called[0])
    left(shop, called[1])

    fate, _ = report(shop, called[0], shopify_id=None, answer="refused", **{named_by: ids[named_by]})

    assert (fate, shop.order(called[0]).confirmation_status) == (Fate.NEEDS_A_PERSON, Status.PLACED)


@pytest.mark.parametrize("named_by", ["call_id", "contact_id"])
@pytest.mark.parametrize("left", [cancelled, erased, decided, corrected])
def test_a_late_no_by_the_joint_card_is_a_persons_after_one_was_called_again_alone(
    shop: House, called: tuple[int, int], left: Step, named_by: str
) -> None:
    ids = ids_of(shop, called[0])
    silence(shop, called[0])
    left(shop, called[1])
    shop.again.request(called[0], by="Asha", confirmed=True)
    go_on(shop, called[0])
    assert (told(shop, called[0]), rung(shop)) == ([called[0]], 2)

    fate, _ = report(shop, called[0], shopify_id=None, answer="refused", **{named_by: ids[named_by]})

    assert (fate, shop.order(called[0]).confirmation_status) == (Fate.NEEDS_A_PERSON, Status.PLACED)
    assert by_card(shop, called[0], answer="refused")[0] is Fate.APPLIED
