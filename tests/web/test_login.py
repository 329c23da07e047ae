"""Logging in: the right password and no other, not for ever, and back to this site only."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from api_calls import ELSEWHERE
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from waiting import LONG
from web_app import Page, Shop, csrf_token, login

PASSWORD = "a-long-password"
HTTPS = {"base_url": "https://shop.example", "headers": {"Referer": "https://shop.example/login"}}
DEFAULT_ONLY_HERE = "The default password works on this machine only. Set ADMIN_PASSWORD to log in from elsewhere."


@pytest.fixture
def guarded(new_shop: Any) -> Shop:
    """A shop whose password is not the default one."""
    return new_shop(ADMIN_USERNAME="owner", ADMIN_PASSWORD=PASSWORD)


def enter(client: FlaskClient, password: str = PASSWORD, **more: Any) -> TestResponse:
    return login(client, username="owner", password=password, **more)


def fail(client: FlaskClient, times: int = 1) -> TestResponse:
    """Try a wrong password so many times; return the last answer."""
    for _ in range(times - 1):
        enter(client, "wrong")
    return enter(client, "wrong")


def told(answer: TestResponse) -> str:
    return Page(answer).one(role="alert").text


def is_in(client: FlaskClient, **request: Any) -> bool:
    return client.get("/", **request).status_code == 200


# -- the password


def test_the_right_password_opens_the_dashboard(guarded: Shop) -> None:
    browser = guarded.client(address=ELSEWHERE)

    answer = enter(browser)

    assert (answer.status_code, answer.location) == (302, "/")
    assert is_in(browser)


def test_the_default_password_opens_a_development_machine(shop: Shop) -> None:
    browser = shop.client()

    login(browser, username="admin", password="admin")

    assert is_in(browser)


WRONG = [("owner", "wrong"), ("owner", ""), ("someone", PASSWORD), ("", ""), ("OWNER", PASSWORD), ("ümläut", "पासवर्ड")]


@pytest.mark.parametrize(("username", "password"), WRONG)
def test_any_other_name_or_password_does_not(guarded: Shop, username: str, password: str) -> None:
    browser = guarded.client()

    answer = login(browser, username=username, password=password)

    assert answer.status_code == 401
    assert not is_in(browser)


@pytest.mark.parametrize(
    ("username", "password"), [("owner", "wrong"), ("someone", PASSWORD)], ids=["password", "name"]
)
def test_a_refusal_does_not_say_which_of_the_two_was_wrong(guarded: Shop, username: str, password: str) -> None:
    answer = login(guarded.client(), username=username, password=password)

    assert told(answer) == "Name or password is wrong. 9 tries left before a pause of 15 minutes."


def test_a_refusal_keeps_the_name_and_forgets_the_password(guarded: Shop) -> None:
    page = Page(fail(guarded.client()))

    assert page.one("input", name="username").attrs["value"] == "owner"
    assert "value" not in page.one("input", name="password").attrs


def test_a_refusal_keeps_the_way_back(guarded: Shop) -> None:
    page = Page(enter(guarded.client(), "wrong", next_page="/reports/failed"))

    assert page.one("input", name="next").attrs["value"] == "/reports/failed"


def test_a_name_that_is_markup_comes_back_as_text(guarded: Shop) -> None:
    page = Page(login(guarded.client(), username='"><script>alert(1)</script>', password="x"))

    assert page.one("input", name="username").attrs["value"] == '"><script>alert(1)</script>'
    assert "<script>alert" not in page.source


# -- the default password


def test_the_default_password_is_for_this_machine_only(shop: Shop) -> None:
    browser = shop.client(address=ELSEWHERE)

    answer = login(browser)

    assert answer.status_code == 401
    assert told(answer) == DEFAULT_ONLY_HERE


FOREIGN = [
    {"Host": "abc.ngrok.app"},
    {"Host": "192.168.1.5:5000"},
    {"X-Forwarded-For": ELSEWHERE},
    {"X-Forwarded-Proto": "https"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_the_default_password_is_worth_nothing_through_a_tunnel(shop: Shop, headers: dict[str, str]) -> None:
    browser = shop.client()

    answer = login(browser, headers=headers)

    assert (answer.status_code, told(answer)) == (401, DEFAULT_ONLY_HERE)
    assert not is_in(browser, headers=headers)


def test_the_login_page_tells_the_default_password_on_a_development_machine(shop: Shop) -> None:
    assert Page(shop.client().get("/login")).has("p", text="admin / admin works on this machine")


def test_the_login_page_tells_no_password_that_was_chosen(guarded: Shop) -> None:
    page = Page(guarded.client().get("/login"))

    assert "admin" not in page.text
    assert PASSWORD not in page.source


# -- tries


TRIES_LEFT = [(1, "9 tries left"), (8, "2 tries left"), (9, "1 try left"), (10, "0 tries left")]


@pytest.mark.parametrize(("failures", "left"), TRIES_LEFT)
def test_a_wrong_password_says_how_many_tries_are_left(guarded: Shop, failures: int, left: str) -> None:
    answer = fail(guarded.client(), failures)

    assert answer.status_code == 401
    assert left in told(answer)


def test_after_ten_failures_even_the_right_password_must_wait(guarded: Shop) -> None:
    browser = guarded.client()
    fail(browser, 10)

    answer = enter(browser)

    assert answer.status_code == 429
    assert told(answer) == "Too many tries. Wait 15 minutes, then try again."
    assert not is_in(browser)


def test_another_browser_at_the_same_address_must_wait_too(guarded: Shop) -> None:
    fail(guarded.client(address=ELSEWHERE), 10)

    assert enter(guarded.client(address=ELSEWHERE)).status_code == 429


def test_tries_that_come_all_at_once_are_no_more_than_others(guarded: Shop) -> None:
    browsers = [guarded.client(address=ELSEWHERE) for _ in range(16)]
    tokens = [csrf_token(browser) for browser in browsers]
    ready = threading.Barrier(len(browsers))

    def guess(browser: FlaskClient, token: str) -> int:
        ready.wait(LONG)
        return browser.post("/login", data={"username": "owner", "password": "x", "csrf_token": token}).status_code

    with ThreadPoolExecutor(len(browsers)) as threads:
        answers = Counter(threads.map(guess, browsers, tokens))

    assert answers == {401: 10, 429: 6}


@pytest.mark.parametrize(("address", "waits"), [("2001:db8:0:1::2", True), ("2001:db8:0:2::1", False)])
def test_who_has_many_addresses_of_one_network_has_no_more_tries(guarded: Shop, address: str, waits: bool) -> None:
    fail(guarded.client(address="2001:db8:0:1::1"), 10)

    assert enter(guarded.client(address=address)).status_code == (429 if waits else 302)


def test_another_address_need_not_wait(guarded: Shop) -> None:
    fail(guarded.client(address=ELSEWHERE), 10)

    assert enter(guarded.client()).status_code == 302


def test_after_fifteen_minutes_the_login_is_free_again(guarded: Shop) -> None:
    browser = guarded.client()
    fail(browser, 10)
    guarded.pass_time(minutes=15, seconds=1)

    assert enter(browser).status_code == 302


def test_before_fifteen_minutes_it_is_not(guarded: Shop) -> None:
    browser = guarded.client()
    fail(browser, 10)
    guarded.pass_time(minutes=14, seconds=59)

    assert enter(browser).status_code == 429


def test_failures_are_counted_over_the_last_fifteen_minutes(guarded: Shop) -> None:
    browser = guarded.client()
    fail(browser, 9)
    guarded.pass_time(minutes=16)

    answer = fail(browser)

    assert "9 tries left" in told(answer)


def test_trying_while_one_must_wait_does_not_make_the_wait_longer(guarded: Shop) -> None:
    browser = guarded.client()
    fail(browser, 10)
    guarded.pass_time(minutes=10)
    fail(browser)
    guarded.pass_time(minutes=6)

    assert enter(browser).status_code == 302


def test_a_login_forgets_the_failures_before_it(guarded: Shop) -> None:
    browser = guarded.client()
    fail(browser, 9)
    enter(browser)

    answer = fail(guarded.client())

    assert "9 tries left" in told(answer)


# -- where it leads

OWN_PAGES = ["/", "/?status=Failed&range=7d", "/orders/6300000001001", "/reports/failed", "/?q=%E2%82%B9"]
ELSEWHERE_PAGES = [
    "//evil.example",
    "///evil.example",
    "https://evil.example",
    "http:evil.example",
    "https:/evil.example",
    "/\\evil.example",
    "\\evil.example",
    "\\\\evil.example",
    "/ok\\..\\evil",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    " //evil.example",
    " /reports/failed",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nSet-Cookie: evil=1",
    "/\x00/evil.example",
    "",
]


@pytest.mark.parametrize("target", OWN_PAGES)
def test_a_login_leads_back_to_where_one_came_from(guarded: Shop, target: str) -> None:
    assert enter(guarded.client(), next_page=target).location == target


@pytest.mark.parametrize("target", ELSEWHERE_PAGES, ids=repr)
def test_a_login_never_leads_to_another_site(guarded: Shop, target: str) -> None:
    answer = enter(guarded.client(), next_page=target)

    assert answer.location == "/"
    assert "evil=" not in str(answer.headers)


@pytest.mark.parametrize("target", ELSEWHERE_PAGES, ids=repr)
def test_the_form_never_carries_another_site(guarded: Shop, target: str) -> None:
    page = Page(guarded.client().get(f"/login?next={quote(target, safe='')}"))

    assert page.one("input", name="next").attrs["value"] == "/"


def test_an_escaped_line_break_stays_escaped(guarded: Shop) -> None:
    answer = enter(guarded.client(), next_page="/%0d%0aSet-Cookie:evil=1")

    assert answer.location == "/%0d%0aSet-Cookie:evil=1"
    assert "evil" not in answer.headers.get("Set-Cookie", "")


# -- the session


def session_cookie(answer: TestResponse) -> str:
    return next(line for line in answer.headers.getlist("Set-Cookie") if "session=" in line)


def test_the_session_after_the_login_is_another_one(guarded: Shop) -> None:
    browser = guarded.client()
    token_before = csrf_token(browser)

    enter(browser)

    assert csrf_token(browser) != token_before


def test_a_session_known_before_the_login_is_worth_nothing_after_it(guarded: Shop) -> None:
    browser, thief = guarded.client(), guarded.client()
    known = session_cookie(browser.get("/login")).split(";")[0].removeprefix("session=")
    thief.set_cookie("session", known)

    enter(browser)

    assert not is_in(thief)


@pytest.mark.parametrize("flag", ["HttpOnly", "SameSite=Lax", "Path=/", "Expires="])
def test_the_sessions_cookie_is_out_of_reach_of_scripts_and_other_sites(guarded: Shop, flag: str) -> None:
    assert flag in session_cookie(enter(guarded.client()))


def test_the_sessions_cookie_travels_over_https_only_in_production(production: Shop) -> None:
    answer = login(production.client(address=ELSEWHERE), password=PASSWORD, **HTTPS)

    assert "; Secure" in session_cookie(answer)


def test_on_a_development_machine_it_travels_over_http(shop: Shop) -> None:
    assert "; Secure" not in session_cookie(login(shop.client()))


def test_a_session_that_somebody_made_up_is_none(guarded: Shop) -> None:
    browser = guarded.client()
    browser.set_cookie("session", "eyJ1c2VyIjoiYWRtaW4ifQ.aaaaaa.made-up")

    assert not is_in(browser)


# -- the form's token


@pytest.mark.parametrize("token", ["", "made up"], ids=["none", "made up"])
def test_the_login_wants_the_token_of_its_form(guarded: Shop, token: str) -> None:
    browser = guarded.client()
    browser.get("/login")

    answer = browser.post("/login", data={"username": "owner", "password": PASSWORD, "csrf_token": token})

    assert answer.status_code == 400
    assert not is_in(browser)


def test_a_form_without_its_token_is_no_try(guarded: Shop) -> None:
    guarded.client().post("/login", data={"username": "owner", "password": "wrong"})

    assert guarded.rows("SELECT * FROM login_failures") == []
