"""What is not known of Kalimera is played both ways: each test says what comes of a switch that is on, and off."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import pytest
from playing import INDIA, OTHER_PHONE, PHONE, Product, add, create, http, window

from ordercall.sandbox.dialer import REDIALS, Dialer
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.server import RunningSandbox
from ordercall.sandbox.shop import Shop
from ordercall.sandbox.talks import NUMBERS
from waiting import until

ENGLISH, HINDI = "sandbox-agent-english", "sandbox-agent-hindi"
HOURS = timedelta(hours=3)

Street = tuple[RunningSandbox, Shop, httpx.Client]
both_ways = pytest.mark.parametrize("on", [True, False], ids=["on", "off"])


@pytest.fixture
def kalimera(street: Street) -> FakeKalimera:
    return street[0].sandbox.kalimera


@pytest.fixture
def dialer(street: Street) -> Dialer:
    dialer = street[0].sandbox.dialer
    assert dialer
    return dialer


def now() -> datetime:
    return datetime.now(INDIA).replace(microsecond=0)


def rung(dialer: Dialer, phone: str) -> list[tuple[str | None, int]]:
    """Return by which agent a phone was rung, and the number of each attempt."""
    return [(ring.agent_id, ring.attempt) for ring in dialer.rings if ring.phone == phone]


def ring_somebody_else(dialer: Dialer, client: httpx.Client) -> None:
    """Have another phone rung: whoever is due before it was rung by then."""
    before = len(rung(dialer, OTHER_PHONE))
    contacts = client.get("/contact", params={"phone": OTHER_PHONE}).json()["contacts"]
    add(client, contacts[0]["contact_id"] if contacts else create(client, OTHER_PHONE))
    until(lambda: len(rung(dialer, OTHER_PHONE)) > before, "the other phone has rung")


@both_ways
def test_an_update_of_the_campaign_reaches_those_who_are_listed(
    street: Street, kalimera: FakeKalimera, dialer: Dialer, on: bool
) -> None:
    client, kalimera.update_reaches_listed = street[2], on
    client.put("/campaign/main", json=window(ENGLISH, now() + HOURS))
    add(client, create(client))

    client.put("/campaign/main", json=window(HINDI))
    ring_somebody_else(dialer, client)

    assert rung(dialer, PHONE) == ([(HINDI, 1)] if on else [])


@both_ways
def test_who_was_not_rung_is_rung_at_the_next_opening(
    street: Street, kalimera: FakeKalimera, dialer: Dialer, on: bool
) -> None:
    client, kalimera.rings_at_next_opening = street[2], on
    client.put("/campaign/main", json=window(ENGLISH, now() - HOURS))
    add(client, create(client))

    client.put("/campaign/main", json=window(HINDI))
    ring_somebody_else(dialer, client)

    assert rung(dialer, PHONE) == ([(HINDI, 1)] if on else [])


@both_ways
def test_adding_somebody_again_rings_again(street: Street, kalimera: FakeKalimera, dialer: Dialer, on: bool) -> None:
    client, kalimera.rings_listed_again = street[2], on
    client.put("/campaign/main", json=window(ENGLISH))
    contact_id = create(client)
    add(client, contact_id)
    until(lambda: rung(dialer, PHONE), "the phone has rung")

    answer = add(client, contact_id)

    if on:
        until(lambda: len(rung(dialer, PHONE)) == 2, "the phone has rung again")
        return
    assert (answer.status_code, answer.json()) == (400, {"message": f"Already there: {contact_id}"})
    assert len(kalimera.listings) == 1


@both_ways
def test_it_redials_by_itself_where_nobody_is_reached(
    street: Street, kalimera: FakeKalimera, dialer: Dialer, product: Product, on: bool
) -> None:
    client, kalimera.redials, phone = street[2], on, NUMBERS["never picks up"]
    client.put("/campaign/main", json=window(ENGLISH))
    add(client, create(client, phone))
    rings = 1 + REDIALS if on else 1

    until(lambda: len(product.outcomes()) == rings, f"{rings} rings were reported")
    ring_somebody_else(dialer, client)

    assert [attempt for _, attempt in rung(dialer, phone)] == list(range(1, rings + 1))


def test_it_does_not_redial_who_has_answered(street: Street, kalimera: FakeKalimera, dialer: Dialer) -> None:
    client, kalimera.redials, phone = street[2], True, NUMBERS["is busy, and confirms at the next ring"]
    client.put("/campaign/main", json=window(ENGLISH))
    add(client, create(client, phone))
    until(lambda: len(rung(dialer, phone)) == 2, "the phone has rung twice")

    ring_somebody_else(dialer, client)
    ring_somebody_else(dialer, client)

    assert len(rung(dialer, phone)) == 2


@both_ways
def test_a_phone_may_have_several_contacts(street: Street, kalimera: FakeKalimera, dialer: Dialer, on: bool) -> None:
    client, kalimera.several_contacts = street[2], on
    client.put("/campaign/main", json=window(ENGLISH))
    first = create(client)

    answer = client.post("/contact", json={"phone": PHONE, "metadata": {"shopify_id": 2}})

    found = [each["contact_id"] for each in client.get("/contact", params={"phone": PHONE}).json()["contacts"]]
    if not on:
        assert (answer.status_code, found) == (400, [first])
        return
    second = answer.json()["contact_id"]
    assert (answer.status_code, found) == (201, [first, second])
    assert (kalimera.card(first), kalimera.card(second)) == ({}, {"shopify_id": 2})
    add(client, second)
    until(lambda: [ring.contact_id for ring in dialer.rings] == [second], "the phone rings by the second one")


@both_ways
def test_each_is_a_switch_of_the_page(street: Street, on: bool) -> None:
    names = ("update_reaches_listed", "rings_at_next_opening", "rings_listed_again", "redials", "several_contacts")
    with http(street[0].url) as page:
        page.post("/control", json={"provider": "kalimera"} | dict.fromkeys(names, on))
        state, shown = page.get("/state").json()["kalimera"], page.get("/").text

    assert [state[name] for name in names] == [on] * len(names)
    assert all(f'name="{name}" value="{"off" if on else "on"}"' in shown for name in names)


def test_who_waits_when_the_orders_are_forgotten_is_not_rung(street: Street, dialer: Dialer) -> None:
    running, _, client = street
    client.put("/campaign/main", json=window(ENGLISH, now() + HOURS))
    add(client, create(client))

    running.sandbox.forget_orders()
    client.put("/campaign/main", json=window(ENGLISH))
    ring_somebody_else(dialer, client)

    assert rung(dialer, PHONE) == []
