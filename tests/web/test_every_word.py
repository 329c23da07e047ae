"""Every word that an order's row may hold reads as it should wherever it is shown, the newest one too."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from ordercall.domain.calls.calling import CallingState, Language, Reason
from ordercall.domain.orders.order import CancelState, Status
from reading import look, row
from web_app import Shop


def badges(shop: Shop, person: FlaskClient, order_id: int) -> list[str]:
    """Return what the badges of an order's page say."""
    return [badge.text for badge in look(person, f"/orders/{order_id}").one("header", css="mb-5").all(css="bdg")]


@pytest.mark.parametrize("status", Status)
def test_a_status_has_a_badge_and_a_meaning(shop: Shop, person: FlaskClient, status: Status) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, confirmation_status=status.value)

    page = look(person, f"/orders/{order_id}")

    assert badges(shop, person, order_id)[0] == row(look(person), "#1001").one(css="c-status").text == status
    assert page.one("section", aria_labelledby="status-title").has("li", text=f"{status} {status.meaning}") or page.has(
        "li", text=f"{status}… {status.meaning}"
    )


@pytest.mark.parametrize("state", CallingState)
def test_a_calling_state_has_a_badge(shop: Shop, person: FlaskClient, state: CallingState) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, calling_state=state.value)

    badge = row(look(person), "#1001").one(css="c-calling").one(css="say")

    words = "Waits for Kalimera" if state is CallingState.QUEUED else state.short
    assert (badge.text, badges(shop, person, order_id)[1]) == (words, words)
    assert badge.one("use").attrs["href"].partition("#")[2]
    assert (
        look(person, f"/orders/{order_id}").one("section", aria_labelledby="calling-title").has("dd", text=state.short)
    )


@pytest.mark.parametrize("reason", Reason)
def test_why_nobody_rings_is_told_with_what_can_be_done(shop: Shop, person: FlaskClient, reason: Reason) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, calling_state="failed", calling_reason=reason.value)

    assert look(person, f"/orders/{order_id}").has("div", css="ban", text=f"{reason.sentence} {reason.remedy}")
    need = look(person, "/needs-you").one("li", id=f"order-{order_id}")
    assert need.one(css="bdg").text == reason.short
    assert need.has("p", text=f"{reason.sentence} {reason.remedy}")
    assert f"{reason.short} (1)." in look(person).one(id="trouble").text


@pytest.mark.parametrize("state", CancelState)
def test_how_far_a_cancellation_is_is_told(shop: Shop, person: FlaskClient, state: CancelState) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, confirmation_status="Failed", cancel_state=state.value)

    shown = badges(shop, person, order_id)

    assert (state.short in shown) is (state is not CancelState.DONE)
    assert look(person, "/needs-you").has("li", id=f"order-{order_id}") is state.left_to_a_person


@pytest.mark.parametrize("language", Language)
def test_an_agent_is_called_by_its_language(shop: Shop, person: FlaskClient, language: Language) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, language=language.value)

    card = look(person, f"/orders/{order_id}").one("section", aria_labelledby="calling-title")

    assert [value.text for value in card.all("dd")][2].startswith(f"{language.label} ")
