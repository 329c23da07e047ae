"""A second factor: switched on by a first code, and asked for after the right password."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from api_calls import ELSEWHERE
from flask.testing import FlaskClient
from test_people import choose, context_link, number_of

from authenticator import AGENT, Authenticator, begin, confirm, halfway, is_in, send_code, with_an_app
from ordercall.domain.people import Role
from web_app import MEMBER_PASSWORD, Page, Shop, login, send_form


@pytest.fixture
def agent(shop: Shop) -> FlaskClient:
    """The browser of an agent who has no second factor yet."""
    return shop.member(Role.AGENT)


@pytest.fixture
def app(shop: Shop, agent: FlaskClient) -> Authenticator:
    """The app of that agent, whose code of this moment is used up."""
    return with_an_app(shop, AGENT)


# -- switching it on


def test_a_person_switches_it_on_and_logs_in_by_password_and_code(shop: Shop, agent: FlaskClient) -> None:
    app = begin(agent, shop)
    codes = confirm(agent, app)
    client = halfway(shop)

    answer = send_code(client, app.next_code(), next_page="/orders/1?tab=x")

    assert len(set(codes)) == 10
    assert answer.location == "/orders/1?tab=x"
    assert is_in(client)


def test_the_page_shows_the_secret_as_text_link_and_picture(shop: Shop, agent: FlaskClient) -> None:
    page = Page(send_form(agent, "/account/factor", current=MEMBER_PASSWORD))

    secret = page.one(id="secret").text.replace(" ", "")
    address = page.one("a", text="open it in the app").attrs["href"]
    picture = page.one("img").attrs
    assert re.match(rf"otpauth://totp/Ordercall:the%20agent\S*[?&]secret={secret}&issuer=Ordercall", address)
    assert picture["src"].startswith("data:image/svg+xml")
    assert int(picture["width"]) < 300


def test_it_counts_only_after_the_first_right_code(shop: Shop, agent: FlaskClient) -> None:
    app = begin(agent, shop)
    wrong = send_form(agent, "/account/factor/confirm", code="abc")

    assert wrong.status_code == 400
    assert Page(wrong).one(id="secret").text.replace(" ", "") == app.secret
    assert login(shop.client(), username=AGENT, password=MEMBER_PASSWORD).location == "/"
    assert len(confirm(agent, app)) == 10


@pytest.mark.parametrize(("minutes", "status"), [(59, 200), (60, 409)])
def test_a_page_that_was_left_open_is_of_no_use_after_an_hour(
    shop: Shop, agent: FlaskClient, minutes: int, status: int
) -> None:
    app = begin(agent, shop)
    shop.pass_time(minutes=minutes)

    assert send_form(agent, "/account/factor/confirm", code=app.code()).status_code == status


def test_whoever_finds_a_session_switches_nothing_on_without_the_password(shop: Shop, agent: FlaskClient) -> None:
    answers = [send_form(agent, "/account/factor", current="a guess").status_code for _ in range(11)]

    assert answers == [400] * 10 + [429]
    assert send_form(agent, "/account/factor/confirm", code="123456").status_code == 409


def test_all_other_sessions_end_when_it_is_switched_on(shop: Shop, agent: FlaskClient) -> None:
    other = shop.client(address=ELSEWHERE)
    login(other, username=AGENT, password=MEMBER_PASSWORD)

    confirm(agent, begin(agent, shop))

    assert (is_in(agent), is_in(other)) == (True, False)


def test_one_that_is_on_is_not_begun_anew(shop: Shop, agent: FlaskClient, app: Authenticator) -> None:
    client = halfway(shop)
    send_code(client, app.next_code())

    assert send_form(client, "/account/factor", current=MEMBER_PASSWORD).status_code == 409
    assert send_form(client, "/account/factor/confirm", code=app.next_code()).status_code == 409


def test_the_owner_of_the_settings_has_one_like_everybody(shop: Shop, person: FlaskClient) -> None:
    page = Page(send_form(person, "/account/factor", current=shop.settings.admin_password))
    app = Authenticator(shop, page.one(id="secret").text.replace(" ", ""))
    confirm(person, app)
    client = shop.client()

    assert login(client).location.startswith("/login/code")
    assert not is_in(client)
    assert send_code(client, app.next_code()).location == "/"


def test_who_reads_the_database_finds_neither_secret_nor_recovery_code(shop: Shop, app: Authenticator) -> None:
    kept = repr((shop.rows("SELECT * FROM second_factors"), shop.rows("SELECT * FROM recovery_codes")))

    assert app.secret not in kept
    assert not [code for code in app.recovery if code in kept or code.replace("-", "") in kept]


# -- logging in


def test_after_a_wrong_password_nothing_tells_that_there_is_a_second_factor(shop: Shop, app: Authenticator) -> None:
    with_one = login(shop.client(address="203.0.113.8"), username=AGENT, password="a guess")
    without = login(shop.client(address="203.0.113.9"), username="nobody", password="a guess")

    assert with_one.status_code == without.status_code == 401
    assert Page(with_one).one(role="alert").text == Page(without).one(role="alert").text


def test_halfway_in_nothing_opens(shop: Shop, app: Authenticator) -> None:
    client = halfway(shop)

    answers = {path: client.get(path).status_code for path in ("/", "/account", "/settings/people", "/api/orders")}

    assert answers == {"/": 302, "/account": 302, "/settings/people": 302, "/api/orders": 401}
    assert send_form(client, "/account/sessions").location.startswith("/login")


@pytest.mark.parametrize(("minutes", "comes_in"), [(4.9, True), (5, False)])
def test_halfway_in_ends_after_five_minutes(shop: Shop, app: Authenticator, minutes: float, comes_in: bool) -> None:
    client = halfway(shop)
    shop.pass_time(minutes=minutes)

    answer = send_code(client, app.code(), next_page="/needs-you")

    assert is_in(client) is comes_in
    assert answer.location == ("/needs-you" if comes_in else "/login?next=/needs-you&late=1")


def test_a_code_is_of_no_use_in_a_browser_without_the_password(shop: Shop, app: Authenticator) -> None:
    client = shop.client(address=ELSEWHERE)

    assert client.get("/login/code").location == "/login?next=/"
    assert send_code(client, app.next_code()).location == "/login?next=/&late=1"


def test_halfway_in_ends_with_another_password_and_with_the_way_in(shop: Shop, app: Authenticator) -> None:
    client, other = halfway(shop), halfway(shop)
    choose(shop.client(), context_link(shop, AGENT), "quite another long one")
    answer = send_code(client, app.next_code())
    shop.context.access.people.disable(number_of(shop, AGENT))

    assert answer.location == "/login?next=/&late=1"
    assert send_code(other, app.next_code()).location == "/login?next=/&late=1"


@pytest.mark.parametrize("steps", [-2, -1, 0, 1, 2])
def test_a_clock_may_be_off_by_one_step(shop: Shop, app: Authenticator, steps: int) -> None:
    shop.pass_time(minutes=10)
    client = halfway(shop)

    send_code(client, app.code(steps=steps))

    assert is_in(client) is (abs(steps) < 2)


def test_a_code_opens_once(shop: Shop, app: Authenticator) -> None:
    code = app.next_code()
    first, second = halfway(shop), halfway(shop, address="203.0.113.8")

    send_code(first, code)
    again = send_code(second, code)

    assert (is_in(first), is_in(second)) == (True, False)
    assert "was used before" in Page(again).one(role="alert").text


def test_of_many_who_come_with_one_code_at_once_one_comes_in(shop: Shop, app: Authenticator) -> None:
    factors, person = shop.context.access.factors, number_of(shop, AGENT)
    code = app.next_code()

    with ThreadPoolExecutor(4) as pool:
        by_app = list(pool.map(lambda _: factors.use(person, code), range(4)))
        by_paper = list(pool.map(lambda _: factors.use(person, app.recovery[0]), range(4)))

    assert sorted(by_app) == sorted(by_paper) == [False, False, False, True]


def test_a_recovery_code_opens_once(shop: Shop, app: Authenticator) -> None:
    first, second = halfway(shop), halfway(shop, address="203.0.113.8")

    send_code(first, app.recovery[3].upper().replace("-", " "))
    send_code(second, app.recovery[3])

    assert (is_in(first), is_in(second)) == (True, False)
    assert "Recovery codes left: 9." in Page(first.get("/account")).one("p", text="Recovery codes").text


def test_whoever_has_the_password_has_five_tries_of_the_code(shop: Shop, app: Authenticator) -> None:
    answers = []
    for number in range(6):  # each from another address, and each after the right password
        client = halfway(shop, address=f"198.51.100.{number}")
        answers.append(send_code(client, "000000x").status_code)
    right = send_code(halfway(shop, address="203.0.113.1"), app.next_code())
    shop.pass_time(minutes=15)
    later = halfway(shop, address="203.0.113.1")

    assert answers == [400] * 5 + [429]
    assert right.status_code == 429
    assert send_code(later, app.code()).status_code == 302


def test_who_guesses_locks_no_browser_out_that_is_known(shop: Shop, agent: FlaskClient, app: Authenticator) -> None:
    for number in range(6):
        send_code(halfway(shop, address=f"198.51.100.{number}"), "000000x")
    agent.get("/logout")

    login(agent, username=AGENT, password=MEMBER_PASSWORD)

    assert send_code(agent, app.next_code()).location == "/"


def test_a_new_password_by_a_link_is_no_way_around_it(shop: Shop, app: Authenticator) -> None:
    client = shop.client(address=ELSEWHERE)

    answer = choose(client, context_link(shop, AGENT))

    assert answer.location.startswith("/login/code")
    assert not is_in(client)
    assert send_code(client, app.next_code()).location == "/"


def test_a_form_of_the_second_page_from_elsewhere_is_refused(shop: Shop, app: Authenticator) -> None:
    client = halfway(shop)

    assert client.post("/login/code", data={"code": app.next_code()}).status_code == 400
    assert not is_in(client)


def test_a_code_leads_to_no_other_site(shop: Shop, app: Authenticator) -> None:
    assert send_code(halfway(shop), app.next_code(), next_page="https://evil.example/").location == "/"


@pytest.mark.sqlite
def test_while_nothing_can_be_stored_it_is_asked_for_and_no_code_is_taken(new_shop: Any) -> None:
    """Or a code could be used twice, and a full disk would be a way around it."""
    shop = new_shop(DISPLAY_LOCALE="en_AU")  # no other test has its file
    client, _ = shop.client(), shop.person()
    app = with_an_app(shop, shop.settings.admin_username)
    folder = Path(shop.settings.database_path).parent
    folder.rename(folder.with_name("elsewhere"))

    answer = login(client)
    refused = send_code(client, app.next_code())
    folder.with_name("elsewhere").rename(folder)

    assert answer.location.startswith("/login/code")
    assert refused.status_code == 503
    assert not is_in(client)
