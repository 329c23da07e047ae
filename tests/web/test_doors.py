"""Who may open which route of the API: the table of doors."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from api_calls import ELSEWHERE, TOKEN, with_an_order
from flask.testing import FlaskClient

from web_app import Shop, csrf_token, login

pytestmark = pytest.mark.sqlite  # who may come in by a route is known before a database is asked

TUNNEL = {"Host": "abc.ngrok.app"}
WRONG_TOKEN = {"X-App-Token": "another-token"}
HTTPS = {"base_url": "https://shop.example", "headers": {"Referer": "https://shop.example/"}}


class Route(NamedTuple):
    """One route of the API, with what it answers to somebody who may use it."""

    method: str
    path: str
    opens_to_neighbours: bool

    @property
    def changes(self) -> bool:
        return self.method == "POST"

    def call(self, client: FlaskClient, headers: dict[str, str] | None = None, **request: Any) -> Any:
        body = {"status": "Success"} if self.path.endswith("status") else None
        return client.open(self.path, method=self.method, json=body, headers=headers or {}, **request)


STATUS = Route("POST", "/api/orders/6300000001001/status", opens_to_neighbours=True)
LATEST = Route("GET", "/api/orders/latest", opens_to_neighbours=True)
SYNC_LATEST = Route("POST", "/api/orders/sync-latest", opens_to_neighbours=True)
SYNC = Route("POST", "/api/orders/6300000001001/sync", opens_to_neighbours=False)
EXPLAIN = Route("GET", "/api/orders/6300000001001/explain", opens_to_neighbours=False)
ALL = [STATUS, LATEST, SYNC_LATEST, SYNC, EXPLAIN]
NEIGHBOURLY = [route for route in ALL if route.opens_to_neighbours]
CHANGING = [route for route in ALL if route.changes]
every_route = pytest.mark.parametrize("route", ALL, ids=lambda route: route.path.rsplit("/", 1)[1])
each_neighbourly_route = pytest.mark.parametrize("route", NEIGHBOURLY, ids=lambda route: route.path.rsplit("/", 1)[1])
each_changing_route = pytest.mark.parametrize("route", CHANGING, ids=lambda route: route.path.rsplit("/", 1)[1])


@pytest.fixture
def shop(shop: Shop) -> Shop:
    return with_an_order(shop)


@pytest.fixture
def production(production: Shop) -> Shop:
    return with_an_order(production)


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["error"]["code"]


# -- development, from this machine


@each_neighbourly_route
def test_a_program_on_this_machine_needs_no_token(shop: Shop, route: Route) -> None:
    assert route.call(shop.client()).status_code == 200


def test_a_sync_wants_the_token_even_on_this_machine(shop: Shop) -> None:
    assert refusal(SYNC.call(shop.client())) == (401, "Unauthorized")


LOOPBACK_HOSTS = ["localhost", "localhost:5000", "LOCALHOST:5000", "127.0.0.1", "127.0.0.1:5000", "[::1]", "[::1]:5000"]


@pytest.mark.parametrize("host", LOOPBACK_HOSTS)
def test_this_machine_goes_by_many_names(shop: Shop, host: str) -> None:
    assert LATEST.call(shop.client(), {"Host": host}).status_code == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1"])
def test_this_machine_connects_from_many_addresses(shop: Shop, address: str) -> None:
    assert LATEST.call(shop.client(address=address)).status_code == 200


INDIRECT = {
    "a tunnel's host": TUNNEL,
    "a tunnel's host and port": {"Host": "abc.ngrok.app:5000"},
    "a host that begins like this machine": {"Host": "127.0.0.1.evil.example"},
    "a host that ends like this machine": {"Host": "evil.localhost.example"},
    "a name that leads to this machine": {"Host": "rebound.example:5000"},
    "an address of the network": {"Host": "192.168.1.5:5000"},
    "every address": {"Host": "0.0.0.0:5000"},
    "X-Forwarded-For": {"X-Forwarded-For": ELSEWHERE},
    "X-Forwarded-For of this machine": {"X-Forwarded-For": "127.0.0.1"},
    "an empty X-Forwarded-For": {"X-Forwarded-For": ""},
    "X-Forwarded-Host": {"X-Forwarded-Host": "abc.ngrok.app"},
    "X-Forwarded-Proto": {"X-Forwarded-Proto": "https"},
    "X-Real-IP": {"X-Real-IP": ELSEWHERE},
    "Forwarded": {"Forwarded": f"for={ELSEWHERE}"},
    "Via": {"Via": "1.1 proxy"},
    "a page of another site": {"Sec-Fetch-Site": "cross-site"},
    "a page of a neighbouring site": {"Sec-Fetch-Site": "same-site"},
    "a page of another site in an old browser": {"Origin": "https://evil.example"},
}


@pytest.mark.parametrize("headers", INDIRECT.values(), ids=list(INDIRECT))
@each_neighbourly_route
def test_what_does_not_come_straight_from_this_machine_needs_the_token(
    shop: Shop, route: Route, headers: dict[str, str]
) -> None:
    assert refusal(route.call(shop.client(), headers)) == (401, "Unauthorized")


@pytest.mark.parametrize("address", [ELSEWHERE, "192.168.1.5", "2001:db8::1", "::ffff:203.0.113.7"])
@each_neighbourly_route
def test_another_machine_needs_the_token(shop: Shop, route: Route, address: str) -> None:
    assert refusal(route.call(shop.client(address=address))) == (401, "Unauthorized")


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_browser_on_this_machine_may_ask_by_itself(shop: Shop, site: str) -> None:
    assert LATEST.call(shop.client(), {"Sec-Fetch-Site": site}).status_code == 200


# -- the token


@every_route
def test_the_right_token_opens_every_route(shop: Shop, route: Route) -> None:
    assert route.call(shop.client(address=ELSEWHERE), TUNNEL | TOKEN).status_code == 200


@every_route
def test_the_right_token_opens_every_route_in_production(production: Shop, route: Route) -> None:
    assert route.call(production.client(address=ELSEWHERE), TOKEN).status_code == 200


@pytest.mark.parametrize("token", ["another-token", "", "A-SYNC-TOKEN", "a-sync-toke", "ü"])
@every_route
def test_a_wrong_token_opens_none(shop: Shop, route: Route, token: str) -> None:
    answer = route.call(shop.client(address=ELSEWHERE), {"X-App-Token": token})

    assert answer.status_code == 401


def test_a_wrong_token_is_called_wrong(shop: Shop) -> None:
    assert refusal(SYNC.call(shop.client(), WRONG_TOKEN)) == (401, "WrongToken")


@every_route
def test_a_wrong_token_is_not_made_good_by_a_session(shop: Shop, route: Route) -> None:
    person = shop.person()

    answer = route.call(person, TUNNEL | WRONG_TOKEN | {"X-CSRFToken": csrf_token(person)})

    assert answer.status_code == 401


@every_route
def test_a_shop_without_a_token_has_none_that_fits(new_shop: Any, route: Route) -> None:
    shop = with_an_order(new_shop(SYNC_API_TOKEN=""))

    assert route.call(shop.client(address=ELSEWHERE), {"X-App-Token": ""}).status_code == 401


def test_a_refusal_says_what_to_send(shop: Shop) -> None:
    answer = SYNC.call(shop.client())

    assert answer.json["error"]["message"] == "Send the SYNC_API_TOKEN or a key as X-App-Token, or log in."


def test_a_refusal_changes_nothing(shop: Shop) -> None:
    STATUS.call(shop.client(address=ELSEWHERE))

    assert shop.order(6300000001001).confirmation_status == "Placed"


# -- a person's session


@pytest.fixture
def remote(new_shop: Any) -> tuple[Shop, FlaskClient]:
    """A shop with a password of its own, and somebody who logged in to it from elsewhere."""
    shop = with_an_order(new_shop(ADMIN_PASSWORD="a-long-password"))
    return shop, shop.person(address=ELSEWHERE)


@each_changing_route
def test_a_session_alone_changes_nothing(remote: tuple[Shop, FlaskClient], route: Route) -> None:
    assert refusal(route.call(remote[1])) == (400, "CsrfTokenMissing")


@each_changing_route
def test_a_session_with_a_made_up_csrf_token_changes_nothing(remote: tuple[Shop, FlaskClient], route: Route) -> None:
    assert refusal(route.call(remote[1], {"X-CSRFToken": "made up"})) == (400, "CsrfTokenMissing")


@each_changing_route
def test_another_sessions_csrf_token_is_worth_nothing(remote: tuple[Shop, FlaskClient], route: Route) -> None:
    shop, person = remote
    token_of_another = csrf_token(shop.client())

    assert refusal(route.call(person, {"X-CSRFToken": token_of_another})) == (400, "CsrfTokenMissing")


@every_route
def test_a_session_with_its_csrf_token_opens_every_route(remote: tuple[Shop, FlaskClient], route: Route) -> None:
    person = remote[1]

    assert route.call(person, {"X-CSRFToken": csrf_token(person)}).status_code == 200


def test_a_session_may_look_without_a_csrf_token(remote: tuple[Shop, FlaskClient]) -> None:
    assert LATEST.call(remote[1]).status_code == 200


def test_a_csrf_token_without_a_login_opens_nothing(shop: Shop) -> None:
    stranger = shop.client(address=ELSEWHERE)

    answer = STATUS.call(stranger, {"X-CSRFToken": csrf_token(stranger)})

    assert refusal(answer) == (401, "Unauthorized")


# -- production


@every_route
def test_production_wants_the_token_of_a_program_on_its_own_machine(production: Shop, route: Route) -> None:
    assert refusal(route.call(production.client())) == (401, "Unauthorized")


@every_route
def test_production_opens_to_a_session_with_its_csrf_token(production: Shop, route: Route) -> None:
    person = production.client(address=ELSEWHERE)
    login(person, password="a-long-password", **HTTPS)
    token = csrf_token(person, **HTTPS)

    answer = route.call(person, HTTPS["headers"] | {"X-CSRFToken": token}, base_url=HTTPS["base_url"])

    assert answer.status_code == 200


# -- who it was

DOERS = [
    ("API", TUNNEL | TOKEN),
    ("this machine", {}),
]


@pytest.mark.parametrize(("doer", "headers"), DOERS, ids=["a token", "no token"])
def test_the_log_names_the_program(shop: Shop, doer: str, headers: dict[str, str]) -> None:
    STATUS.call(shop.client(), headers)

    assert shop.order(6300000001001).status_changed_by == doer


def test_the_log_names_the_person(shop: Shop, person: FlaskClient) -> None:
    STATUS.call(person, {"X-CSRFToken": csrf_token(person)})

    assert shop.order(6300000001001).status_changed_by == "admin"
