"""The doors of the pages: a person's session, where it leads, and how it ends."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import Any

import pytest
from api_calls import ELSEWHERE, TOKEN, with_an_order
from flask.testing import FlaskClient

from ordercall.domain.people import Role
from web_app import NOON, Page, Shop, csrf_token, login, send_form


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
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_another_site_logs_nobody_out(person: FlaskClient) -> None:
    answer = person.get("/logout", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.location == "/"
    assert person.get("/").status_code == 200


def test_session_and_form_are_signed_by_sha_256(shop: Shop, person: FlaskClient) -> None:
    signed = [shop.cookie_of(person), csrf_token(person)]

    assert [len(urlsafe_b64decode(each.rpartition(".")[2] + "==")) for each in signed] == [32, 32]


def test_what_somebody_may_not_do_is_a_line_of_the_log_without_their_name(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    viewer = shop.member(Role.VIEWER, name="Asha")

    assert viewer.get("/settings/people").status_code == 403
    assert "GET /settings/people was refused to a person" in caplog.messages
    assert "Asha" not in caplog.text


@pytest.mark.parametrize("path", ["/", "/login", "/api/orders/latest", "/shopify/webhook"])
def test_nobody_is_answered_what_they_sent(person: FlaskClient, path: str) -> None:
    answer = person.open(path, method="TRACE", headers={"X-Sent": "by me"})

    assert answer.status_code == 405
    assert "by me" not in answer.text


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
def test_a_copied_cookie_is_not_prolonged_after_the_logout(shop: Shop, path: str) -> None:
    person, thief = shop.client(), shop.client()
    login(person, password=shop.settings.admin_password)
    thief.set_cookie("session", shop.cookie_of(person))
    person.get("/logout")

    answer = thief.get(path)
    answer.close()
    renewed = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("session=")]

    assert not renewed or thief.get("/").location == "/login?next=/"


def test_another_password_ends_the_sessions_of_the_old_one(shop: Shop, new_shop: Any) -> None:
    cookie = shop.person().get_cookie("session")
    assert cookie is not None
    browser = new_shop(ADMIN_PASSWORD="another-password").client()
    browser.set_cookie("session", cookie.value)

    assert browser.get("/").location == "/login?next=/"


@pytest.mark.parametrize(("days", "opens"), [(6.9, True), (7, False)])
def test_a_session_ends_after_a_week_without_a_use(shop: Shop, days: float, opens: bool) -> None:
    person = shop.person()
    shop.pass_time(days=days)

    assert (person.get("/").status_code == 200) is opens


def test_a_poll_is_no_use_of_a_session(shop: Shop) -> None:
    person = shop.person()
    for _ in range(2):
        shop.pass_time(days=4)
        person.get("/live")

    assert person.get("/").location == "/login?next=/"


def test_a_session_ends_a_month_after_its_login_however_much_it_is_used(shop: Shop) -> None:
    person = shop.person()
    seen = []
    for _ in range(6):
        shop.pass_time(days=6)
        seen.append(person.get("/").status_code)

    assert seen == [200, 200, 200, 200, 302, 302]


def test_a_page_writes_its_use_at_most_every_five_minutes(shop: Shop) -> None:
    person = shop.person()
    used = []
    for minutes in (4, 2, 4):
        shop.pass_time(minutes=minutes)
        person.get("/")
        used.append(shop.rows("SELECT used_at FROM sessions")[0][0] - NOON.timestamp())

    assert used == [0, 360, 360]


def test_sessions_that_ended_by_themselves_are_forgotten_at_the_next_login(shop: Shop) -> None:
    for days in (0, 8, 8):
        shop.pass_time(days=days)
        login(shop.client(), password=shop.settings.admin_password)

    assert shop.rows("SELECT count(*) FROM sessions")[0][0] == 1


def test_who_reads_the_database_finds_no_session_to_come_in_by(shop: Shop) -> None:
    shop.person()
    thief = shop.client()
    [row] = shop.rows("SELECT hash FROM sessions")
    with thief.session_transaction() as cookie:
        cookie["id"] = row[0]

    assert thief.get("/").location == "/login?next=/"


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
