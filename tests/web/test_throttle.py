"""Who must wait before the next password: whoever guesses, and nobody who has logged in with this browser before."""

from __future__ import annotations

from typing import Any

import pytest
from api_calls import ELSEWHERE
from flask.testing import FlaskClient

from web_app import Shop, login

PASSWORD = "a-long-password"


@pytest.fixture
def guarded(new_shop: Any) -> Shop:
    return new_shop(ADMIN_USERNAME="owner", ADMIN_PASSWORD=PASSWORD)


def enter(client: FlaskClient, username: str = "owner", password: str = PASSWORD) -> int:
    return login(client, username=username, password=password).status_code


def fail(client: FlaskClient, times: int, username: str = "owner") -> list[int]:
    return [enter(client, username, "wrong") for _ in range(times)]


def known(shop: Shop, address: str = ELSEWHERE) -> FlaskClient:
    """Return a browser that has logged in before, and out again."""
    browser = shop.client(address=address)
    assert enter(browser) == 302
    browser.get("/logout")
    return browser


def attack(shop: Shop, tries: int = 100) -> None:
    """Guess the owner's password from many addresses, ten times from each."""
    for number in range(tries // 10):
        assert set(fail(shop.client(address=f"198.51.100.{number}"), 10)) == {401}


def copy_of(browser: FlaskClient, shop: Shop, address: str) -> FlaskClient:
    """Return the browser of a thief who has this browser's cookie."""
    cookie = browser.get_cookie("known_browser")
    assert cookie
    thief = shop.client(address=address)
    thief.set_cookie("known_browser", cookie.value)
    return thief


def test_a_name_that_is_guessed_from_many_addresses_is_closed_to_all_others(guarded: Shop) -> None:
    attack(guarded)

    assert enter(guarded.client(address="203.0.113.1")) == 429


def test_a_name_that_is_guessed_opens_to_a_browser_that_is_known(guarded: Shop) -> None:
    browser = known(guarded)
    attack(guarded)

    assert enter(browser) == 302


def test_whoever_guesses_at_the_same_address_does_not_lock_out_a_browser_that_is_known(guarded: Shop) -> None:
    browser = known(guarded)
    fail(guarded.client(address=ELSEWHERE), 11)

    assert enter(browser) == 302


def test_a_browser_that_is_known_for_one_name_is_a_stranger_to_others(guarded: Shop) -> None:
    browser = known(guarded)
    fail(browser, 10, username="somebody")

    assert enter(browser, "somebody", "wrong") == 429
    assert enter(browser) == 302


def test_a_browser_that_is_known_has_no_more_tries_than_another(guarded: Shop) -> None:
    browser = known(guarded)

    assert fail(browser, 11) == [401] * 10 + [429]


def test_the_owner_of_a_stolen_cookie_gets_a_new_one_with_tries_of_its_own(guarded: Shop) -> None:
    browser = known(guarded)
    thief = copy_of(browser, guarded, "203.0.113.9")
    enter(browser)
    fail(thief, 10)

    assert enter(thief) == 429
    assert enter(browser) == 302


@pytest.mark.parametrize("made_up", ["owner", "WyJvd25lciIsIngiXQ.aaaaaa.bbbb", ""])
def test_a_cookie_that_somebody_made_up_is_none(guarded: Shop, made_up: str) -> None:
    fail(guarded.client(address=ELSEWHERE), 10)
    browser = guarded.client(address=ELSEWHERE)
    browser.set_cookie("known_browser", made_up)

    assert enter(browser) == 429


def test_many_names_from_one_address_have_the_tries_of_one(guarded: Shop) -> None:
    browser = guarded.client(address=ELSEWHERE)

    assert [enter(browser, f"name-{number}", "wrong") for number in range(11)] == [401] * 10 + [429]


def test_a_login_forgets_of_its_name_only_its_own_try(guarded: Shop) -> None:
    attack(guarded, 90)
    assert enter(guarded.client(address="203.0.113.1")) == 302

    assert fail(guarded.client(address="203.0.113.2"), 11) == [401] * 10 + [429]
    assert enter(guarded.client(address="203.0.113.3")) == 429


def test_who_must_wait_is_told_for_how_many_seconds(guarded: Shop) -> None:
    browser = guarded.client()
    fail(browser, 10)
    guarded.pass_time(minutes=10, seconds=30)

    answer = login(browser, username="owner", password=PASSWORD)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(4 * 60 + 30))
    assert "Wait 5 minutes" in answer.get_data(as_text=True)


def test_no_name_that_somebody_typed_is_kept(guarded: Shop) -> None:
    fail(guarded.client(), 1, username="my-secret-password")

    kept = [row[0] for row in guarded.rows("SELECT address FROM login_failures")]

    assert len(kept) == 2
    assert not [key for key in kept if "secret" in key]


@pytest.mark.parametrize("flag", ["HttpOnly", "SameSite=Lax", "Path=/;", "Max-Age=34560000"])
def test_the_cookie_of_a_known_browser_is_out_of_reach_of_scripts_and_other_sites(guarded: Shop, flag: str) -> None:
    answer = login(guarded.client(), username="owner", password=PASSWORD)

    assert flag in next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("known_browser="))
