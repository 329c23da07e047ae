"""The sandbox's customers, with real processes: what is reported of each comes, and has the fate that it should."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from newcomers import Play

from installation import HTTP, TOKEN, Installation
from ordercall.sandbox.server import FIRST_ORDERS
from ordercall.sandbox.talks import CUSTOMERS
from waiting import LONG, until

pytestmark = [pytest.mark.journey, pytest.mark.sqlite]

SAID, NOBODY, ASKED = ("applied", "said"), ("kept", "nobody_reached"), ("applied", "called_as_asked")

FATES = {
    "says yes": [SAID],
    "says no": [SAID],
    "never picks up": [NOBODY],
    "is busy, and confirms at the next ring": [NOBODY],
    "has voicemail": [NOBODY],
    "wants a call back, and confirms then": [ASKED, SAID],
    "wants to speak Hindi, and confirms then": [ASKED, SAID],
    "confirms, and corrects the address": [("needs_a_person", "address")],
    "is the wrong person": [("needs_a_person", "wrong_person")],
    "opts out": [("needs_a_person", "do_not_call")],
    "says yes and then no": [SAID, ("needs_a_person", "decided")],
    "answers after the window": [("needs_a_person", "not_then")],
    "is reported twice": [SAID],
    "orders twice, and says yes once": [SAID],
    "returns, and refuses the next order": [SAID],
    "returns, and is reported by the card of the first order": [SAID],
    "is reported in unknown words": [("needs_a_person", "unknown_word")],
    "is never reported": [],
}
"""The fates of the reports about the first order of each customer, in the order in which they come."""

SUCCESS = {name for name, fates in FATES.items() if SAID in fates} - {"says no"} | {
    "confirms, and corrects the address"
}


def reports(shop: Installation) -> list[dict[str, Any]]:
    """Return what was reported, the oldest first."""
    answer = HTTP.get(f"{shop.url}/api/reports", headers={"X-App-Token": TOKEN}).raise_for_status()
    return list(reversed(answer.json()["reports"]))


def fates(shop: Installation) -> dict[str, list[tuple[str, str]]]:
    """Return the fates of the first reports about each customer, as many as are expected."""
    names = {row[0]: CUSTOMERS[row[1]].name for row in shop.rows("SELECT shopify_id, customer_phone FROM orders")}
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for report in reports(shop):
        [name] = {names[order] for order in report["shopify_ids"]}
        found[name].append((report["fate"], report["why"]))
    return {name: found[name][: len(expected)] for name, expected in FATES.items()}


def statuses(shop: Installation, number: str) -> list[str]:
    found = shop.rows(
        "SELECT confirmation_status FROM orders WHERE customer_phone = ? ORDER BY shopify_id",
        number,
    )
    return [row[0] for row in found]


def number_of(name: str) -> str:
    return next(number for number, customer in CUSTOMERS.items() if customer.name == name)


@pytest.fixture
def person(newcomer: Installation) -> Iterator[httpx.Client]:
    """Somebody's browser, logged in."""
    newcomer.start()
    with httpx.Client(base_url=newcomer.url, timeout=LONG, trust_env=False, follow_redirects=True) as person:
        send(person, "/login", "/login", username="admin", password="admin")
        yield person


def send(person: httpx.Client, page: str, path: str, **said: str) -> httpx.Response:
    """Send a form as it stands on a page."""
    [token, *_] = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', person.get(page).text)
    return person.post(path, data={"csrf_token": token} | said).raise_for_status()


def test_what_is_reported_of_each_customer_has_its_fate(newcomer: Installation, play: Play) -> None:
    newcomer.start()
    until(lambda: len(play("/state")["orders"]) == len(FIRST_ORDERS), "the first orders are placed")
    for number, customer in CUSTOMERS.items():
        if number not in FIRST_ORDERS:
            play("/orders", answer=customer.name)

    until(lambda: fates(newcomer) == FATES, "every report has come")
    until(lambda: statuses(newcomer, number_of("says no")) == ["Failed"], "the refusal is done")

    confirmed = {customer.name for number, customer in CUSTOMERS.items() if statuses(newcomer, number) == ["Success"]}
    assert confirmed == SUCCESS
    assert [report["repeats"] for report in reports(newcomer) if report["repeats"]] == [1]


def test_a_returning_customers_refusal_is_about_the_second_order_or_a_persons(
    newcomer: Installation, play: Play
) -> None:
    looked_up, by_card = map(
        number_of,
        ("returns, and refuses the next order", "returns, and is reported by the card of the first order"),
    )
    newcomer.start()
    for number in (looked_up, by_card):
        play("/orders", answer=CUSTOMERS[number].name)
    until(lambda: [statuses(newcomer, one) for one in (looked_up, by_card)] == [["Success"]] * 2, "both confirm")

    for number in (looked_up, by_card):
        play("/orders", answer=CUSTOMERS[number].name)
    until(lambda: statuses(newcomer, looked_up)[1:] == ["Failed"], "the second order is refused")
    until(lambda: [each["why"] for each in reports(newcomer)].count("not_waiting") == 1, "the other refusal has come")

    assert statuses(newcomer, looked_up) == ["Success", "Failed"]
    assert statuses(newcomer, by_card) == ["Success", "Placed"]
    until(
        lambda: {each["phone"] for each in play("/state")["orders"] if each["cancelled"]} >= {looked_up},
        "it is cancelled in the shop",
    )


def test_an_unknown_word_is_taught_and_applied_to_the_report_that_waited(
    newcomer: Installation, person: httpx.Client, play: Play
) -> None:
    number = number_of("is reported in unknown words")
    play("/orders", answer=CUSTOMERS[number].name)
    question = "What pakka means"
    until(lambda: question in person.get("/reported").text, "the word waits to be explained")

    send(person, "/reported", "/reported/words", at="answer", word="pakka", means="answer confirmed")

    assert statuses(newcomer, number) == ["Success"]
    assert question not in person.get("/reported").text
