"""A second factor that a role asks for: who lacks one is led to it, and can do nothing else before."""

from __future__ import annotations

from typing import Any

import pytest
from api_calls import ELSEWHERE
from flask.testing import FlaskClient
from test_people import choose, context_link, number_of

from authenticator import AGENT, Authenticator, begin, confirm, halfway, is_in, send_code, with_an_app
from ordercall.config import read_settings
from ordercall.domain.people import Role, Scope
from ordercall.errors import ConfigurationError
from web_app import MEMBER_PASSWORD, Page, Shop, login, send_form


@pytest.fixture
def shop(new_shop: Any) -> Shop:
    found: Shop = new_shop(SECOND_FACTOR_FOR="owner, agent")
    return found


@pytest.fixture
def agent(shop: Shop) -> FlaskClient:
    """The browser of an agent who has just logged in by the password alone."""
    return shop.member(Role.AGENT, address=ELSEWHERE)


def test_who_lacks_one_is_led_to_it_and_goes_on_once_it_is_on(shop: Shop, agent: FlaskClient) -> None:
    led = agent.get("/needs-you")
    page = agent.get(led.location)
    app = begin(agent, shop)
    before = agent.get("/").location
    codes = confirm(agent, app)

    assert (led.location, before) == ("/account/factor", "/account/factor")
    assert Page(page).has("h1", text="A second factor comes first")
    assert len(codes) == 10
    assert is_in(agent)
    assert agent.get("/account/factor").location == "/account"


def test_on_the_way_no_page_tells_anything_of_the_shop(shop: Shop, agent: FlaskClient) -> None:
    pages = [
        agent.get("/account/factor"),
        send_form(agent, "/account/factor", current="a guess"),
        send_form(agent, "/account/factor", current=MEMBER_PASSWORD),
        agent.get("/nowhere"),
    ]

    assert [page.status_code for page in pages] == [200, 400, 200, 404]
    assert [page for page in pages if Page(page).has("a", href="/needs-you")] == []
    assert Page(pages[1]).has("p", text="That is not your present password.", role="alert")


def test_who_owes_one_changes_nothing(shop: Shop, agent: FlaskClient) -> None:
    order_id = shop.receive()

    page = send_form(agent, f"/orders/{order_id}/status", status="Failed")
    part = agent.get("/live", headers={"HX-Request": "true"})

    assert (page.status_code, page.location) == (302, "/account/factor")
    assert part.status_code == 401
    assert shop.order(order_id).confirmation_status == "Placed"


def test_keys_and_other_roles_are_asked_for_none(shop: Shop) -> None:
    key = shop.context.access.api_keys.make("a program", [Scope.READ], by="a test").secret

    assert is_in(shop.member(Role.VIEWER))
    assert shop.client(address=ELSEWHERE).get("/api/orders", headers={"X-App-Token": key}).status_code == 200


def test_who_comes_in_by_a_link_is_led_to_it_too(shop: Shop, agent: FlaskClient) -> None:
    client = shop.client(address=ELSEWHERE)

    choose(client, context_link(shop, AGENT))

    assert client.get("/").location == "/account/factor"


def test_the_owner_of_the_settings_owes_one_as_well(shop: Shop) -> None:
    client = shop.client()
    login(client)

    assert client.get("/").location == "/account/factor"


def test_whoever_is_given_such_a_role_owes_one_from_the_next_page_on(shop: Shop) -> None:
    viewer = shop.member(Role.VIEWER)
    before = is_in(viewer)
    shop.context.access.people.set_role(number_of(shop, "the viewer"), Role.OWNER)

    assert (before, viewer.get("/").location) == (True, "/account/factor")


def test_one_that_is_switched_off_or_taken_away_is_owed_anew(shop: Shop, agent: FlaskClient) -> None:
    app = with_an_app(shop, AGENT)
    client = halfway(shop)
    send_code(client, app.next_code())
    send_form(client, "/account/factor/off", current=MEMBER_PASSWORD, code=app.next_code())
    off = client.get("/").location
    with_an_app(shop, AGENT)
    shop.context.access.people.take_factor(number_of(shop, AGENT))
    login(client, username=AGENT, password=MEMBER_PASSWORD)

    assert (off, client.get("/").location) == ("/account/factor", "/account/factor")


def test_whoever_has_one_is_not_held_up(shop: Shop, agent: FlaskClient) -> None:
    app: Authenticator = with_an_app(shop, AGENT)
    client = halfway(shop)

    send_code(client, app.next_code())

    assert is_in(client)


def test_people_shows_who_owes_one(shop: Shop, agent: FlaskClient) -> None:
    owner = shop.client()
    login(owner)
    page = Page(send_form(owner, "/account/factor", current=shop.settings.admin_password))
    confirm(owner, Authenticator(shop, page.one(id="secret").text.replace(" ", "")))

    row = Page(owner.get("/settings/people")).one(id=f"person-{number_of(shop, AGENT)}").text

    assert "Has to switch a second factor on first." in row


def test_a_role_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(ConfigurationError, match="SECOND_FACTOR_FOR names 'boss', which is no role"):
        read_settings({"SECOND_FACTOR_FOR": "owner, boss"})
