"""Settings, Calling: the calls until an answer, the cancel belt, and what each choice has to do with of late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from forms_of_rules import CALLING, changed, draft, in_force, publish
from sqlalchemy import update

from ordercall.domain.orders.belt import ProgramsWord
from ordercall.domain.parcels.holds import HoldRules
from ordercall.domain.policy.rules import After, Attempts, Belt, Cancels
from ordercall.storage.records import orders
from ordercall.storage.tables import calls
from reading import look
from web_app import Page, Shop


@pytest.fixture
def shop(new_shop: Callable[..., Shop]) -> Shop:
    """A shop whose environment holds neither hours nor age."""
    return new_shop(CALLING_HOURS="")


def test_attempts_and_belt_are_published_from_the_form(shop: Shop, person: FlaskClient) -> None:
    page = draft(
        person,
        calls="3",
        gaps_minutes="60, 240",
        after=["no_answer", "busy"],
        cancel_delay_minutes="15",
        most_an_hour="20",
        evidence="on",
    )

    assert changed(page) == [
        "Calls where nobody is reached: 1 →becomes 3",
        "Gaps between them, in minutes: 60 →becomes 60, 240",
        "Called again after: silence, no answer, busy, voicemail, unreachable →becomes no answer, busy",
        "They wait, in minutes: 0 →becomes 15",
        "At most in an hour: 0 →becomes 20",
        "Left to a person without the customer's words: no →becomes yes",
    ]
    assert publish(person, page).status_code == 303
    found = in_force(shop).policy
    hour = timedelta(hours=1)
    assert found.attempts == Attempts(number=3, gaps=(hour, 4 * hour), after=(After.NO_ANSWER, After.BUSY))
    assert found.belt == Belt(delay=hour / 4, most_an_hour=20, evidence=True)


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("calls", "0", "Calls where nobody is reached: write a whole number from 1 to 10."),
        ("gaps_minutes", "60, soon", "Gaps between them, in minutes: write a list of minutes"),
        ("gaps_minutes", "", "Gaps between them, in minutes: write a list of minutes"),
        ("after", "luck", "Called again after: write a list of some of these words: silence"),
        ("cancel_delay_minutes", "9999", "They wait, in minutes: write a whole number from 0 to 1440."),
    ],
)
def test_what_cannot_be_used_of_them_is_told(
    shop: Shop, person: FlaskClient, field: str, value: str, fault: str
) -> None:
    page = draft(person, **{field: value})

    assert page.one("section", id="draft").has("li", text=fault)


def test_cancels_that_would_leave_sooner_are_published_only_if_that_is_meant(shop: Shop, person: FlaskClient) -> None:
    publish(person, draft(person, cancel="off"))

    page = draft(person, cancel="on")
    asked = page.one("section", id="draft").one("p", css="ban")
    refused = publish(person, page)
    still = in_force(shop).policy.belt.cancel
    published = publish(person, page, sure_of_cancels="on")

    assert asked.text.startswith("Cancels that no person asked for: orders would be cancelled in Shopify sooner")
    assert (refused.status_code, still) == (400, Cancels.OFF)
    assert Page(refused).has("input", name="sure_of_cancels")
    assert (published.status_code, in_force(shop).policy.belt.cancel) == (303, Cancels.ON)


def test_cancels_that_wait_longer_are_published_without_a_question(shop: Shop, person: FlaskClient) -> None:
    page = draft(person, cancel_delay_minutes="15", paid="on")

    assert not page.has("input", name="sure_of_cancels")
    assert publish(person, page).status_code == 303


def test_beside_each_end_of_a_call_stands_how_many_calls_of_late_ended_so(shop: Shop, person: FlaskClient) -> None:
    rung(shop, 1001, "unanswered", "busy")
    rung(shop, 1002, "unanswered", None)
    rung(shop, 1003, "answered", None)
    rung(shop, 1004, "withdrawn", None)

    page = look(person, CALLING)
    tried = draft(person, calls="2", after=["busy"])

    attempts = page.one("section", aria_labelledby="attempts-title")
    assert attempts.one("p", id="effect-attempts").text == "2 of the last 14 days' 3 calls reached nobody."
    causes = attempts.one("div", aria_labelledby="label-attempts.after")
    assert [label.text for label in causes.all("label")][:3] == ["Silence 1", "No answer 0", "Busy 1"]
    assert "1 of them ended in a way after which this would call again" in tried.one("p", id="effect-attempts").text


def rung(shop: Shop, number: int, state: str, reason: str | None) -> None:
    order = shop.receive(number)
    [[call_id]] = shop.rows("SELECT call_id FROM call_orders WHERE shopify_id = ?", order)
    with shop.db.begin() as tx:
        tx.execute(update(calls).where(calls.c.call_id == call_id).values(state=state, reason=reason))


def test_beside_each_guard_stands_how_many_cancels_of_late_it_would_have_held(shop: Shop, person: FlaskClient) -> None:
    refuse(shop, 1001, ProgramsWord(quoted=True))
    refuse(shop, 1002, ProgramsWord())
    refuse(shop, 1003, ProgramsWord(phone="+919800000000"))

    section = look(person, CALLING).one("section", aria_labelledby="belt-title")

    assert section.has("p", text="3 such cancels came in the last 14 days.")
    assert section.one("p", id="effect-belt").text == "At most 3 came within one hour."
    assert section.has("label", text="Without the customer's words 2 of 3")
    assert section.has("label", text="Where something is paid 0 of 3")
    assert section.has("label", text="Where another number refused than the order has by now 1 of 3")


def refuse(shop: Shop, number: int, word: ProgramsWord) -> None:
    """Have a program make an order Failed."""
    order = shop.receive(number)
    with shop.db.begin() as tx:
        known = orders.find(tx, order)
        assert known
        shop.app.extensions["ordercall"].belt.begin(tx, known, word, by="the agent")


def test_beside_the_choices_of_payment_stands_whom_each_would_have_called(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    shop.receive(1002, financial_status="paid", payment_gateway_names=["razorpay"], total_outstanding="0.00")
    shop.receive(1003, phone=None)

    page = look(person, CALLING)
    tried = draft(person, payment="gateways", gateways="razorpay\n*cash*")

    assert beside_payment(page) == ["2 of the latest 3", "1 of the latest 3", "0 of the latest 3"]
    assert beside_payment(tried) == ["2 of the latest 3", "1 of the latest 3", "2 of the latest 3"]


def beside_payment(page: Page) -> list[str]:
    return [each.text for each in page.one("div", aria_labelledby="label-who.payment").all("span", css="text-ink2")]


def test_holds_are_published_from_the_form(shop: Shop, person: FlaskClient) -> None:
    page = draft(person, until_answered="on", release_at_end="on", longest_hours="24")

    assert changed(page) == [
        "Parcels held until the customer has answered: no →becomes yes",
        "Released where nobody was reached by the last call: no →becomes yes",
        "Held at most, in hours: 48 →becomes 24",
    ]
    assert publish(person, page).status_code == 303
    assert in_force(shop).policy.hold == HoldRules(
        until_answered=True, release_at_end=True, longest=timedelta(hours=24)
    )
