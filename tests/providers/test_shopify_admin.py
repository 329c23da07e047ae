"""The way into Shopify's Admin API: what is sent, what each answer means to REST and to GraphQL, what is kept."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from asking import error_of

from makers import make_settings
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderBusy, ProviderError, ProviderRefused
from ordercall.providers.shopify.admin import ShopifyAdmin, shopify_http
from ordercall.providers.shopify.query_budget import seconds_until_affordable
from ordercall.providers.shopify.tokens import PermanentToken
from stub import Stub

TOKEN = "shpat_of_the_test"
ORDER = {"data": {"order": {"id": "gid://shopify/Order/9007199254740993"}}}
QUERY = "query One($id: ID!) { order(id: $id) { id } }"
LOGIN = b"<!doctype html><title>Log in</title>"

type Ask = Callable[[ShopifyAdmin], Any]


def by_rest(admin: ShopifyAdmin) -> Any:
    return admin.rest("read the order", "GET", "/orders/9007199254740993.json")


def by_graphql(admin: ShopifyAdmin) -> Any:
    return admin.graphql("read the order", QUERY, {"id": "gid://shopify/Order/9007199254740993"})


both = pytest.mark.parametrize("ask", [by_rest, by_graphql])


@pytest.fixture
def new_admin() -> Iterator[Callable[..., ShopifyAdmin]]:
    """Make ways into a shop that stands at this address."""
    made: list[ShopifyAdmin] = []

    def make(url: str, seconds: str = "3") -> ShopifyAdmin:
        settings = make_settings(SHOPIFY_ADMIN_URL=url, SHOPIFY_TIMEOUT_SECONDS=seconds)
        made.append(ShopifyAdmin(settings, shopify_http(settings), PermanentToken(TOKEN)))
        return made[-1]

    yield make
    for admin in made:
        admin.close()


@pytest.fixture
def admin(stub: Stub, new_admin: Callable[..., ShopifyAdmin]) -> ShopifyAdmin:
    stub.answers(ORDER)
    return new_admin(stub.url)


def test_graphql_goes_to_the_address_of_the_settings_with_token_query_and_variables(
    stub: Stub, admin: ShopifyAdmin
) -> None:
    answer = by_graphql(admin)

    assert stub.asked == ("POST", "/admin/api/2026-10/graphql.json")
    assert stub.payload == {"query": QUERY, "variables": {"id": "gid://shopify/Order/9007199254740993"}}
    assert stub.heard["Host"] == stub.url.removeprefix("http://")
    assert (stub.heard["X-Shopify-Access-Token"], stub.heard["Accept"]) == (TOKEN, "application/json")
    assert answer.data == ORDER["data"]


def test_graphql_says_which_version_answered_and_what_it_cost(stub: Stub, admin: ShopifyAdmin) -> None:
    stub.answers(ORDER | {"extensions": {"cost": {"requestedQueryCost": 1}}}, X_Shopify_API_Version="2026-04")

    answer = by_graphql(admin)

    assert (answer.api_version, answer.cost) == ("2026-04", {"requestedQueryCost": 1})


# What each answer means, to both


@both
@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (303, ProviderRefused),
        (400, ProviderRefused),
        (401, CredentialsRefused),
        (402, ProviderRefused),
        (403, CredentialsRefused),
        (404, ProviderRefused),
        (422, ProviderRefused),
        (423, ProviderRefused),
        (429, ProviderBusy),
        (430, ProviderBusy),
        (500, OutcomeUnknown),
        (502, OutcomeUnknown),
        (503, ProviderBusy),
        (504, OutcomeUnknown),
    ],
)
def test_what_each_status_means(
    stub: Stub, admin: ShopifyAdmin, ask: Ask, status: int, meaning: type[ProviderError]
) -> None:
    stub.answers({"errors": "No"}, status)

    error = error_of(lambda: ask(admin))

    assert type(error) is meaning
    assert error.reason.startswith(f"{status} No")
    assert len(stub.requests) == 1


@both
@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (402, "the shop is frozen until its owner pays Shopify"),
        (423, "Shopify has locked the shop"),
        (302, "is SHOPIFY_STORE_DOMAIN right?"),
    ],
)
def test_a_status_that_says_little_is_explained(
    stub: Stub, admin: ShopifyAdmin, ask: Ask, status: int, hint: str
) -> None:
    stub.answers(LOGIN, status, Location="https://accounts.example/login")

    assert hint in str(error_of(lambda: ask(admin)))
    assert len(stub.requests) == 1


@both
@pytest.mark.parametrize("status", [429, 430])
def test_whoever_asks_too_fast_waits_as_long_as_the_answer_says(
    stub: Stub, admin: ShopifyAdmin, ask: Ask, status: int
) -> None:
    stub.answers({"errors": "Exceeded 2 calls per second"}, status, Retry_After="2.0")

    first, again = error_of(lambda: ask(admin)), error_of(lambda: ask(admin))

    assert first.retry_after == 2.0
    assert again.retry_after == pytest.approx(2.0, abs=0.5)
    assert len(stub.requests) == 1


@both
def test_a_connection_that_is_refused_means_that_nothing_happened(
    new_admin: Callable[..., ShopifyAdmin], ask: Ask
) -> None:
    with socket.socket() as nobody:  # bound, but not listening
        nobody.bind(("127.0.0.1", 0))
        error = error_of(lambda: ask(new_admin(f"http://127.0.0.1:{nobody.getsockname()[1]}")))

    assert (type(error), error.reason) == (ProviderBusy, "no connection (ClientConnectorError)")


@both
def test_an_answer_that_does_not_come_in_time_is_unknown(
    stub: Stub, new_admin: Callable[..., ShopifyAdmin], ask: Ask
) -> None:
    stub.silent = True

    error = error_of(lambda: ask(new_admin(stub.url, "0.1")))

    assert (type(error), error.reason) == (OutcomeUnknown, "no clear answer (not within 0.1 s)")


@both
def test_a_connection_that_is_lost_is_unknown_and_nothing_is_sent_again(
    stub: Stub, admin: ShopifyAdmin, ask: Ask
) -> None:
    stub.hangs_up = True

    assert type(error_of(lambda: ask(admin))) is OutcomeUnknown
    assert len(stub.requests) == 1


# What GraphQL says with status 200


@pytest.mark.parametrize(
    "body", [LOGIN, b"", b"null", [], ["data"], "data", {}, {"data": None}, {"data": []}, b'{"a":' * 100, b"\xff\xfe"]
)
def test_an_answer_without_data_is_no_answer(stub: Stub, admin: ShopifyAdmin, body: Any) -> None:
    stub.answers(body)

    assert type(error_of(lambda: by_graphql(admin))) is OutcomeUnknown


def test_a_web_page_is_named_and_not_quoted(stub: Stub, admin: ShopifyAdmin) -> None:
    stub.answers(LOGIN, Content_Type="text/html")

    assert error_of(lambda: by_graphql(admin)).reason == "an HTML page instead of JSON"


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("ACCESS_DENIED", CredentialsRefused),
        ("INTERNAL_SERVER_ERROR", OutcomeUnknown),
        ("MAX_COST_EXCEEDED", ProviderRefused),
        ("undefinedField", ProviderRefused),
        ("SHOP_INACTIVE", ProviderRefused),
    ],
)
def test_what_an_error_of_graphql_means(
    stub: Stub, admin: ShopifyAdmin, code: str, meaning: type[ProviderError]
) -> None:
    stub.answers({"data": {"order": None}, "errors": [{"message": "Why not", "extensions": {"code": code}}]})

    error = error_of(lambda: by_graphql(admin))

    assert (type(error), error.reason) == (meaning, "Why not")


@pytest.mark.parametrize("errors", ["Not allowed", ["Not allowed"], [{"message": "Not allowed"}]])
def test_an_error_without_a_code_is_a_refusal(stub: Stub, admin: ShopifyAdmin, errors: Any) -> None:
    stub.answers({"errors": errors})

    error = error_of(lambda: by_graphql(admin))

    assert (type(error), error.reason) == (ProviderRefused, "Not allowed")


def test_data_with_holes_is_no_answer(stub: Stub, admin: ShopifyAdmin) -> None:
    error = {"message": "This app is not approved to access the Customer object", "path": ["order", "customer"]}
    stub.answers({"data": {"order": {"id": "1", "customer": None}}, "errors": [error]})

    assert error_of(lambda: by_graphql(admin)).reason == error["message"]


THROTTLED = {
    "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
    "extensions": {
        "cost": {
            "requestedQueryCost": 252,
            "actualQueryCost": None,
            "throttleStatus": {"maximumAvailable": 2000.0, "currentlyAvailable": 52, "restoreRate": 100.0},
        }
    },
}


def test_an_app_without_points_waits_until_they_are_back_and_asks_nothing_meanwhile(
    stub: Stub, admin: ShopifyAdmin
) -> None:
    stub.answers(THROTTLED)

    first = error_of(lambda: by_graphql(admin))
    again = error_of(lambda: by_rest(admin))

    assert (type(first), first.retry_after) == (ProviderBusy, 2.0)
    assert (type(again), len(stub.requests)) == (ProviderBusy, 1)


@pytest.mark.parametrize(
    ("cost", "seconds"),
    [
        ({"requestedQueryCost": 10, "throttleStatus": {"currentlyAvailable": 60, "restoreRate": 50}}, 0.0),
        ({"requestedQueryCost": 10, "throttleStatus": {"currentlyAvailable": 0, "restoreRate": 0}}, 1.0),
        ({"requestedQueryCost": 10**9, "throttleStatus": {"currentlyAvailable": 0, "restoreRate": 1}}, 60.0),
        ({"requestedQueryCost": "ten"}, 1.0),
        ({}, 1.0),
    ],
)
def test_the_wait_for_points_is_never_endless(cost: Any, seconds: float) -> None:
    assert seconds_until_affordable(cost) == seconds


# What is kept


@both
@pytest.mark.parametrize("status", [200, 401, 422, 500])
def test_the_token_is_hidden_wherever_it_is_quoted(stub: Stub, admin: ShopifyAdmin, ask: Ask, status: int) -> None:
    stub.answers({"errors": [{"message": f"{TOKEN} is wrong", "where": {TOKEN: [TOKEN]}}]}, status)

    try:
        call, said = ask(admin).call, ""
    except ProviderError as error:
        call, said = error.call, str(error)

    assert call
    assert TOKEN not in said + json.dumps(call.to_json())
    assert call.status == status
