"""The throttle of the login under whatever owner, strangers, thieves and clock do: a state machine of hypothesis.

Nobody guesses more than the limits allow, and who has the right password and a known browser is never locked out.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from ordercall.web.access import throttle
from ordercall.web.access.throttle import PERIOD
from properties import few
from web_app import Shop, csrf_token

pytestmark = pytest.mark.random

TRIES, TRIES_OF_A_NAME = 3, 30
"""A third of the program's, so that a run comes to the limits, and beyond them, three times as often."""

PASSWORD = "a-long-password"
OWNER, COOKIE, AT_HOME = "owner", "known_browser", "203.0.113.1"

NETWORKS = [AT_HOME, *(f"198.51.100.{number}" for number in range(12)), "2001:db8:0:1", "2001:db8:0:2"]
"""Enough to use up the tries of a name. In those of IPv6 each try has an address of its own."""

networks = st.sampled_from(NETWORKS)
names = st.sampled_from([OWNER, OWNER, OWNER, "admin", "Owner"])
times = st.integers(1, TRIES + 2)


class Login(RuleBasedStateMachine):
    """A shop, the browser of its owner, and everybody else; what was looked at and found wrong, by what is counted."""

    def __init__(self, shop: Shop) -> None:
        super().__init__()
        shop.start_anew()
        self.shop = shop
        self.wrong: dict[str, list[datetime]] = defaultdict(list)
        self.sent = 0
        self.stranger = self.new_browser()
        self.owners = self.new_browser()
        self.stolen = ""
        assert self.log_in(self.owners, AT_HOME) == 302

    def new_browser(self) -> FlaskClient:
        return self.shop.client()

    def log_in(self, browser: FlaskClient, network: str) -> int:
        """Come with the right password."""
        browser.get("/logout")
        return self.send(browser, network, OWNER, PASSWORD, csrf_token(browser))

    def send(self, browser: FlaskClient, network: str, name: str, password: str, token: str) -> int:
        self.sent += 1
        browser.environ_base["REMOTE_ADDR"] = f"{network}::{self.sent:x}" if ":" in network else network
        form = {"username": name, "password": password, "csrf_token": token}
        return browser.post("/login", data=form).status_code

    def guess(self, browser: FlaskClient, network: str, name: str, limits: dict[str, int], times: int) -> None:
        """Try wrong passwords: each is looked at just while each of these limits has room."""
        browser.get("/logout")
        token = csrf_token(browser)
        for _ in range(times):
            expected = 401 if self.has_room(limits) else 429
            assert self.send(browser, network, name, "wrong", token) == expected
            for key in limits if expected == 401 else ():
                self.wrong[key].append(self.shop.now)

    def has_room(self, limits: dict[str, int]) -> bool:
        now = self.shop.now
        for key, moments in self.wrong.items():
            self.wrong[key] = [at for at in moments if now - PERIOD < at <= now + PERIOD]
        return all(len(self.wrong[key]) < limit for key, limit in limits.items())

    @rule(network=networks, name=names, times=times)
    def strangers_guess(self, network: str, name: str, times: int) -> None:
        self.guess(self.stranger, network, name, {network: TRIES, name: TRIES_OF_A_NAME}, times)

    @rule(name=names)
    def strangers_guess_from_everywhere(self, name: str) -> None:
        for network in NETWORKS[: TRIES_OF_A_NAME // TRIES + 1]:
            self.strangers_guess(network, name, TRIES)

    @rule(network=networks)
    def the_owner_comes_with_a_browser_that_is_known(self, network: str) -> None:
        assert self.log_in(self.owners, network) == 302
        self.wrong.pop("known browser", None)

    @rule(network=networks, times=st.integers(1, TRIES - 1))
    def the_owner_mistypes_and_comes_in(self, network: str, times: int) -> None:
        self.guess(self.owners, network, OWNER, {"known browser": TRIES}, times)
        self.the_owner_comes_with_a_browser_that_is_known(network)

    @rule(network=networks)
    def the_owner_comes_with_a_new_browser(self, network: str) -> None:
        browser, limits = self.new_browser(), {network: TRIES, OWNER: TRIES_OF_A_NAME}
        free = self.has_room(limits)
        assert self.log_in(browser, network) == (302 if free else 429)
        if free:
            self.wrong.pop(network, None)

    def steal_a_cookie(self) -> None:
        """Copy the owner's; they come again after that, and so get another one."""
        cookie = self.owners.get_cookie(COOKIE)
        assert cookie
        self.stolen = cookie.value
        self.wrong.pop("thief", None)
        self.the_owner_comes_with_a_browser_that_is_known(AT_HOME)

    @rule(network=networks, name=names, times=times, anew=st.booleans())
    def a_thief_guesses(self, network: str, name: str, times: int, anew: bool) -> None:
        if anew or not self.stolen:
            self.steal_a_cookie()
        thief = self.new_browser()
        thief.set_cookie(COOKIE, self.stolen)
        limits = {"thief": TRIES} if name == OWNER else {network: TRIES, name: TRIES_OF_A_NAME}
        self.guess(thief, network, name, limits, times)

    @rule(seconds=st.integers(0, 20 * 60))
    def time_passes(self, seconds: int) -> None:
        self.shop.now += timedelta(seconds=seconds)

    @rule(seconds=st.one_of(st.integers(1, 30 * 60), st.integers(1, 400 * 86_400)))
    def the_clock_was_ahead_and_is_put_right(self, seconds: int) -> None:
        self.shop.now -= timedelta(seconds=seconds)


def test_nobody_guesses_much_and_the_owner_is_never_locked_out(new_shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "TRIES", TRIES)
    monkeypatch.setattr(throttle, "TRIES_OF_A_NAME", TRIES_OF_A_NAME)
    shop = new_shop(ADMIN_USERNAME=OWNER, ADMIN_PASSWORD=PASSWORD)

    run_state_machine_as_test(lambda: Login(shop), settings=settings(few(15), stateful_step_count=15))
