"""Behind proxies: whose word is believed, which hosts are answered for, and what is said where one stands wrongly."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api_calls import ELSEWHERE, TOKEN
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ordercall.sandbox.orders import make_order
from web_app import Page, Shop, csrf_token, login, post_webhook

pytestmark = pytest.mark.sqlite  # from where a request comes is known before a database is asked

PASSWORD = "a-long-password"
PROXIED = {"Host": "shop.example", "X-Forwarded-Proto": "https", "Referer": "https://shop.example/login"}


@pytest.fixture
def behind(new_shop: Any) -> Shop:
    """A public installation behind one proxy with TLS."""
    public = {"PUBLIC_URL": "https://shop.example", "TRUSTED_PROXIES": "1"}
    return new_shop(APP_ENV="production", ADMIN_PASSWORD=PASSWORD, **public)


def fail(client: FlaskClient, forwarded_for: str) -> int:
    return login(client, password="wrong", headers=PROXIED | {"X-Forwarded-For": forwarded_for}).status_code


def said(answer: TestResponse) -> str:
    return Page(answer).one("h1").text


# -- whose word


@pytest.mark.parametrize(
    "written", ["203.0.113.9:{port}", "203.0.113.9", "6.6.6.{n}, 203.0.113.9:{port}", "[2001:db8::1]:{port}"]
)
def test_an_address_has_its_tries_whatever_port_its_connections_have(behind: Shop, written: str) -> None:
    client = behind.client()

    assert [fail(client, written.format(port=40_000 + n, n=n)) for n in range(11)] == [401] * 10 + [429]


def test_addresses_of_ipv4_in_the_words_of_ipv6_have_tries_of_their_own(behind: Shop) -> None:
    client = behind.client()

    assert [fail(client, f"[::ffff:203.0.113.9]:{port}") for port in range(1, 12)] == [401] * 10 + [429]
    assert [fail(client, written) for written in ("::ffff:203.0.113.8", "203.0.113.9")] == [401, 429]


@pytest.mark.parametrize("nonsense", ["unknown", "_hidden{n}", "1.2.3.{n}.5", "[::{n}", ""])
def test_what_is_no_address_counts_as_the_proxy(behind: Shop, nonsense: str) -> None:
    client = behind.client()

    assert [fail(client, nonsense.format(n=n)) for n in range(11)] == [401] * 10 + [429]


BELIEVED = [
    ("1", "127.0.0.1"),
    ("1", "::1"),
    ("1", "10.1.2.3"),
    ("1", "172.18.0.1"),
    ("1", "192.168.1.5"),
    ("1", "100.64.3.2"),
    ("1", "fd12::7"),
    ("1", "fe80::7"),
    ("1", "::ffff:172.18.0.1"),
    (ELSEWHERE, ELSEWHERE),
    (f"10.0.3.0/24,{ELSEWHERE}", "10.0.3.200"),
    ("1, 2001:db8::/32", "2001:db8::9"),
    ("0.0.0.0/0, ::/0", ELSEWHERE),
]
NOT_BELIEVED = [
    ("1", ELSEWHERE),
    ("1", "172.32.0.1"),
    ("1", "2001:db8::1"),
    ("1", f"::ffff:{ELSEWHERE}"),
    ("10.0.3.7", "10.0.3.8"),
    ("10.0.3.7", "127.0.0.1"),
    ("0, 10.0.3.7", "10.0.3.7"),
    ("1", "unknown"),
    ("1", ""),
]


@pytest.mark.parametrize(("proxies", "peer"), BELIEVED)
def test_a_proxy_of_ours_is_believed(new_shop: Any, proxies: str, peer: str) -> None:
    client = new_shop(ADMIN_PASSWORD=PASSWORD, TRUSTED_PROXIES=proxies).client(address=peer)

    answers = [login(client, password="wrong", headers={"X-Forwarded-For": f"198.51.100.{n}"}) for n in range(11)]

    assert {answer.status_code for answer in answers} == {401}


@pytest.mark.parametrize(("proxies", "peer"), NOT_BELIEVED)
def test_nobody_else_is_believed_and_guesses_with_the_tries_of_one(new_shop: Any, proxies: str, peer: str) -> None:
    client = new_shop(ADMIN_PASSWORD=PASSWORD, TRUSTED_PROXIES=proxies).client(address=peer)

    answers = [login(client, password="wrong", headers={"X-Forwarded-For": f"198.51.100.{n}"}) for n in range(11)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429]


def test_who_passes_by_the_proxy_cannot_choose_the_host(behind: Shop) -> None:
    past = behind.client(address=ELSEWHERE)

    answer = past.get("/login", headers={"Host": "evil.example", "X-Forwarded-Host": "shop.example"})

    assert answer.status_code == 400


def test_of_two_proxies_the_first_tells_who_came(new_shop: Any) -> None:
    client = new_shop(ADMIN_PASSWORD=PASSWORD, TRUSTED_PROXIES="2").client()

    def fail_as(forwarded: str) -> int:
        return login(client, password="wrong", headers={"X-Forwarded-For": forwarded}).status_code

    assert [fail_as(f"6.6.6.{n}, 203.0.113.9, 10.0.3.{n}") for n in range(11)] == [401] * 10 + [429]
    assert fail_as("203.0.113.10, 10.0.3.7") == 401


def test_without_a_trusted_proxy_nobody_is_believed(new_shop: Any) -> None:
    client = new_shop(ADMIN_PASSWORD=PASSWORD).client(address=ELSEWHERE)
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}

    answers = [
        login(client, password="wrong", headers=headers | {"X-Forwarded-For": f"198.51.100.{n}"}) for n in range(11)
    ]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429]


def test_a_scheme_that_is_none_is_not_believed(behind: Shop) -> None:
    answer = behind.client().get("/login", headers=PROXIED | {"X-Forwarded-Proto": "javascript"})

    assert answer.status_code == 200
    assert "Strict-Transport-Security" not in answer.headers


# -- which hosts


@pytest.mark.parametrize("host", ["shop.example", "shop.example:443", "SHOP.example"])
def test_the_host_of_the_public_address_is_answered_for(behind: Shop, host: str) -> None:
    assert behind.client(address=ELSEWHERE).get("/login", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host"])
@pytest.mark.parametrize("host", ["evil.example", "shop.example.evil.example", "203.0.113.5", "localhost"])
@pytest.mark.parametrize("path", ["/login", "/", "/static/app.css", "/nowhere"])
def test_another_host_is_refused_with_what_to_do(behind: Shop, header: str, host: str, path: str) -> None:
    through = {"Host": "shop.example", "X-Forwarded-For": ELSEWHERE}

    answer = behind.client().get(path, headers=through | {header: host})

    assert answer.status_code == 400
    assert said(answer).startswith(f"This is https://shop.example, and it was asked for '{host}'. Open that address")


def test_programs_without_a_token_are_refused_there_as_well_and_hear_why(behind: Shop) -> None:
    answer = behind.client(address=ELSEWHERE).get("/api/orders/latest", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "WrongHost")


@pytest.mark.parametrize("host", ["localhost:5000", "127.0.0.1:5000", "[::1]:5000"])
def test_this_machine_is_answered_by_its_own_names(behind: Shop, host: str) -> None:
    assert behind.client().get("/login", headers={"Host": host}).status_code == 200


INTERNAL = ["127.0.0.1:5000", "localhost", "ordercall-web:5000", "172.18.0.3:5000", "[::1]:5000"]


@pytest.mark.parametrize("host", INTERNAL)
def test_a_program_with_the_token_may_use_any_name_that_leads_here(behind: Shop, host: str) -> None:
    program, order = behind.client(address="172.18.0.5"), behind.receive()

    found = program.get("/api/orders/latest", headers=TOKEN | {"Host": host})
    set_to = program.post(f"/api/orders/{order}/status", json={"status": "Success"}, headers=TOKEN | {"Host": host})

    assert (found.status_code, set_to.status_code) == (200, 200)
    assert host not in found.get_data(as_text=True)


def test_a_wrong_token_is_called_wrong_under_any_name(behind: Shop) -> None:
    answer = behind.client().get("/api/orders/latest", headers={"Host": "ordercall:5000", "X-App-Token": "wrong"})

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "WrongToken")


@pytest.mark.parametrize("path", ["/login", "/", "/orders.csv", "/static/app.css", "/api", "/api//orders/latest"])
def test_the_token_opens_no_page_and_no_redirect_under_another_name(behind: Shop, path: str) -> None:
    answer = behind.client(address=ELSEWHERE).get(path, headers=TOKEN | {"Host": "evil.example"})

    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_load_balancer_asks_for_the_health_by_any_address(behind: Shop) -> None:
    assert behind.client(address="10.0.0.7").get("/health", headers={"Host": "10.0.0.8:5000"}).status_code == 200


def test_a_signed_webhook_is_taken_under_any_host(behind: Shop) -> None:
    client = behind.client(address=ELSEWHERE)
    client.environ_base["HTTP_HOST"] = "tunnel.example"

    assert post_webhook(client, json.dumps(make_order(1001)).encode()).status_code == 200


def test_without_a_public_address_every_host_is_answered_for(production: Shop) -> None:
    assert production.client(address=ELSEWHERE).get("/login", headers={"Host": "any.example"}).status_code == 200


# -- what a browser keeps


def test_over_https_browsers_are_told_to_stay_there(behind: Shop) -> None:
    answer = behind.client().get("/login", headers=PROXIED)

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_development_machine_binds_no_browser_to_https(shop: Shop) -> None:
    assert "Strict-Transport-Security" not in shop.client().get("/login", base_url="https://localhost").headers


def test_no_neighbour_can_set_a_cookie_of_production(behind: Shop) -> None:
    answer = login(behind.client(), password=PASSWORD, headers=PROXIED)

    cookies = answer.headers.getlist("Set-Cookie")
    assert answer.status_code == 302
    assert sorted(cookie.split("=")[0] for cookie in cookies) == ["__Host-known_browser", "__Host-session"]
    assert all("; Secure" in cookie and "; Path=/" in cookie and "Domain" not in cookie for cookie in cookies)


# -- where one stands wrongly


def test_a_proxy_that_changes_the_host_is_named_where_a_form_is_refused(new_shop: Any) -> None:
    shop = new_shop(APP_ENV="production", ADMIN_PASSWORD=PASSWORD, TRUSTED_PROXIES="1")
    changed = {"Host": "127.0.0.1:5000", "X-Forwarded-Proto": "https", "Referer": "https://shop.example/login"}

    answer = login(shop.client(), password=PASSWORD, headers=changed)

    assert answer.status_code == 400
    assert said(answer).startswith(
        "This page is of shop.example, and its form came here for 127.0.0.1:5000: a proxy in front changes the Host"
    )


def test_a_browser_that_comes_over_http_is_told_why_no_login_can_succeed(production: Shop) -> None:
    browser = production.client(address=ELSEWHERE)
    token = csrf_token(browser)
    browser = production.client(address=ELSEWHERE)  # as a browser does with a cookie for https

    answer = browser.post("/login", data={"username": "admin", "password": PASSWORD, "csrf_token": token})

    assert answer.status_code == 400
    assert said(answer).startswith("Your browser sent no session back: in production it does over https only.")


def test_a_proxy_that_is_not_believed_is_named_where_no_login_can_succeed(behind: Shop) -> None:
    browser = behind.client(address=ELSEWHERE)
    token = csrf_token(browser, headers=PROXIED)

    answer = behind.client(address=ELSEWHERE).post("/login", data={"csrf_token": token}, headers=PROXIED)

    assert answer.status_code == 400
    assert said(answer).startswith(f"{ELSEWHERE} says for you that you came by https, and is not believed")
