"""The doors of the pages: a person's session, where it leads, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest
from api_calls import ELSEWHERE, TOKEN, with_an_order
from flask.testing import FlaskClient

from web_app import Page, Shop, csrf_token, login, send_form


@pytest.fixture
def shop(shop: Shop) -> Shop:
    return with_an_order(shop)


PAGES = {
    "/": "/login?next=/",
    "/?status=Failed&range=7d": "/login?next=/?status%3DFailed%26range%3D7d",
    "/orders/6300000001001": "/login?next=/orders/6300000001001",
    "/reports/failed": "/login?next=/reports/failed",
    "/deliveries": "/login?next=/deliveries",
    "/live?since=0": "/login?next=/live?since%3D0",
}


@pytest.mark.parametrize(("path", "door"), PAGES.items(), ids=list(PAGES))
def test_a_page_sends_a_stranger_to_the_login_and_remembers_the_way(shop: Shop, path: str, door: str) -> None:
    answer = shop.client().get(path)

    assert (answer.status_code, answer.location) == (302, door)


@pytest.mark.parametrize("path", ["/", "/orders/6300000001001", "/reports/failed"])
def test_the_token_of_programs_opens_no_page(shop: Shop, path: str) -> None:
    assert shop.client().get(path, headers=TOKEN).status_code == 302


ORDER = "/orders/6300000001001"
FORMS = [f"{ORDER}/{deed}" for deed in ("status", "sync", "cancel")]


@pytest.mark.parametrize("path", FORMS)
def test_a_form_of_a_stranger_is_not_carried_out(shop: Shop, path: str) -> None:
    stranger = shop.client()
    before = shop.events(6300000001001)

    answer = send_form(stranger, path, status="Success")

    assert answer.location.startswith("/login")
    assert shop.events(6300000001001) == before


@pytest.mark.parametrize("path", [*FORMS, "/theme"])
def test_a_form_without_a_csrf_token_is_refused(shop: Shop, person: FlaskClient, path: str) -> None:
    answer = person.post(path, data={"status": "Success", "theme": "dark"})

    assert answer.status_code == 400
    assert Page(answer).one("h1").text == "This form is too old. Go back, reload the page and try again."


@pytest.mark.parametrize(("sent_from", "back"), [("/?status=Placed", "/?status=Placed"), (FORMS[0], ORDER)])
def test_a_form_sent_after_the_session_ended_is_not_lost_silently(shop: Shop, sent_from: str, back: str) -> None:
    stranger = shop.client()
    sent = {"status": "Success", "csrf_token": csrf_token(stranger)}
    door = stranger.post(FORMS[0], data=sent, headers={"Referer": f"http://localhost{sent_from}"}).location
    asked = Page(stranger.get(door))

    welcome = login(stranger, next_page=asked.one("input", name="next").attrs["value"]).location

    assert (
        asked.one("p", role="status").text == "Your session had ended, so nothing was done. Log in, then do it again."
    )
    assert welcome == back
    assert stranger.get(welcome).status_code == 200


def test_the_way_back_is_in_the_login_form(shop: Shop) -> None:
    stranger = shop.client()

    page = Page(stranger.get(stranger.get("/?status=Failed&range=7d").location))

    assert page.one("input", name="next").attrs["value"] == "/?status=Failed&range=7d"


def test_logging_out_ends_the_session(person: FlaskClient) -> None:
    answer = person.get("/logout")

    assert answer.location == "/login"
    assert person.get("/").location == "/login?next=/"


def test_a_copied_cookie_is_worth_nothing_after_the_logout(shop: Shop) -> None:
    person, thief, colleague = shop.client(), shop.client(), shop.client()
    for browser in (person, colleague):
        login(browser, password=shop.settings.admin_password)
    cookie = person.get_cookie("session")
    assert cookie is not None
    person.get("/logout")
    thief.set_cookie("session", cookie.value)

    assert thief.get("/").location == "/login?next=/"
    assert thief.get("/live", headers={"HX-Request": "true"}).status_code == 401
    assert colleague.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/health", "/login", "/"])
def test_a_copied_cookie_cannot_be_kept_alive_until_its_end_is_forgotten(shop: Shop, path: str) -> None:
    person, thief = shop.client(), shop.client()
    login(person, password=shop.settings.admin_password)
    cookie = person.get_cookie("session")
    assert cookie is not None
    person.get("/logout")
    thief.set_cookie("session", cookie.value)

    answer = thief.get(path)
    answer.close()
    renewed = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("session=")]
    with shop.db.begin() as tx:
        tx.exec_driver_sql("DELETE FROM ended_sessions")  # as a logout does when the cookie has expired

    assert not renewed or thief.get("/").location == "/login?next=/"


def test_another_password_ends_the_sessions_of_the_old_one(shop: Shop, new_shop: Any) -> None:
    cookie = shop.person().get_cookie("session")
    assert cookie is not None
    browser = new_shop(ADMIN_PASSWORD="another-password").client()
    browser.set_cookie("session", cookie.value)

    assert browser.get("/").location == "/login?next=/"


def test_ended_sessions_are_forgotten_when_their_cookies_have_expired(shop: Shop) -> None:
    for days in (0, 7, 8):
        shop.pass_time(days=days)
        person = shop.client()
        login(person, password=shop.settings.admin_password)
        person.get("/logout")

    assert shop.rows("SELECT count(*) FROM ended_sessions")[0][0] == 1


@pytest.mark.parametrize("path", ["/health", "/login"])
def test_some_things_are_open_to_all(shop: Shop, path: str) -> None:
    answer = shop.client(address=ELSEWHERE).get(path)

    assert answer.status_code == 200
    answer.close()


def test_the_login_page_tells_a_stranger_no_numbers(shop: Shop) -> None:
    page = Page(shop.client().get("/login"))

    assert not page.has("aside")
    assert not page.has(css="n")


def test_a_wrong_token_is_wrong_on_this_machine_too(shop: Shop) -> None:
    shop.receive(1001)

    answer = shop.client().get("/api/orders/latest", headers={"X-App-Token": "mistyped"})

    assert (answer.status_code, answer.json["error"]["code"]) == (401, "WrongToken")
