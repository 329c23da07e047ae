"""What an app may not see of an answer is unknown; that it may not have any of it is a refusal that says why."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from looking import AtOnce
from makers import make_settings
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderBusy, ProviderError, ProviderRefused
from ordercall.providers.shopify.admin import ShopifyAdmin, shopify_http
from ordercall.providers.shopify.denied import leave_out
from ordercall.providers.shopify.tokens import PermanentToken
from stub import Stub

NO_SCOPE = "Access denied for customer field. Required access: `read_customers` access scope."
NOT_APPROVED = "This app is not approved to use the phone field. See https://shopify.dev for more details."
ORDERS = {
    "orders": {
        "nodes": [
            {"id": "1", "email": "a@example.com", "customer": None, "shipping": {"city": "Pune", "phone": None}},
            {"id": "2", "email": "b@example.com", "customer": None, "shipping": None},
        ],
        "pageInfo": {"hasNextPage": False},
    },
    "order": None,
}


def denied(*path: str | int, message: str = NO_SCOPE, code: str | None = "ACCESS_DENIED") -> dict[str, Any]:
    return {"message": message, "path": list(path)} | ({"extensions": {"code": code}} if code else {})


def node(number: int, *without: str) -> dict[str, Any]:
    nodes: Any = ORDERS["orders"]
    return {name: value for name, value in nodes["nodes"][number].items() if name not in without}


PARTS: dict[str, tuple[tuple[str | int, ...], int, dict[str, Any]]] = {
    "an object": (("orders", "nodes", 0, "customer"), 0, node(0, "customer")),
    "a text of an object": (
        ("orders", "nodes", 0, "shipping", "phone"),
        0,
        node(0) | {"shipping": {"city": "Pune"}},
    ),
    "what is never null, so that its holder is null": (
        ("orders", "nodes", 1, "customer", "email", "address"),
        1,
        node(1, "customer"),
    ),
    "the object above a denied text": (("orders", "nodes", 1, "shipping", "phone"), 1, node(1, "shipping")),
}


@pytest.mark.parametrize(("path", "number", "left"), PARTS.values(), ids=PARTS)
@pytest.mark.parametrize(("message", "code"), [(NO_SCOPE, "ACCESS_DENIED"), (NOT_APPROVED, None)])
def test_a_denied_part_is_left_out_and_nothing_else(
    path: tuple[str | int, ...], number: int, left: dict[str, Any], message: str, code: str | None
) -> None:
    data: Any = copy.deepcopy(ORDERS)

    assert leave_out(data, denied(*path, message=message, code=code))

    assert data["orders"]["nodes"][number] == left
    assert data["orders"]["nodes"][1 - number] == node(1 - number)


def test_two_errors_may_deny_the_same_part() -> None:
    data: Any = copy.deepcopy(ORDERS)
    twice = [denied("orders", "nodes", 0, "customer", name) for name in ("firstName", "lastName")]

    assert [leave_out(data, error) for error in twice] == [True, True]
    assert data["orders"]["nodes"][0] == node(0, "customer")


WHOLE = {
    "a root field": denied("order"),
    "no path": {"message": NO_SCOPE, "extensions": {"code": "ACCESS_DENIED"}},
    "a path that is none": denied() | {"path": "orders"},
    "a null that rose to the root": denied("order", "name"),
    "a path into a list that is shorter": denied("orders", "nodes", 7),
    "another error": denied("orders", "nodes", 0, "customer", message="Timeout", code="TIMEOUT"),
}


@pytest.mark.parametrize("error", WHOLE.values(), ids=WHOLE)
def test_what_is_no_denied_part_leaves_the_data_as_it_came(error: dict[str, Any]) -> None:
    data: Any = copy.deepcopy(ORDERS)

    assert not leave_out(data, error)
    assert data == ORDERS


@pytest.fixture
def admin(stub: Stub) -> Iterator[ShopifyAdmin]:
    settings = make_settings(SHOPIFY_STORE_DOMAIN="sandbox-shop", SHOPIFY_ADMIN_URL=stub.url)
    http = shopify_http(settings, watch=AtOnce())
    with closing(ShopifyAdmin(settings, http, PermanentToken("a-token"))) as admin:
        yield admin


def test_an_answer_with_denied_parts_is_an_answer_to_who_can_do_without(stub: Stub, admin: ShopifyAdmin) -> None:
    stub.answers({"data": {"order": {"name": "#1", "customer": None}}, "errors": [denied("order", "customer")]})

    assert admin.graphql("read the order", "{}", in_part=True).data == {"order": {"name": "#1"}}


ERRORS: dict[str, tuple[Any, list[dict[str, Any]], type[ProviderError]]] = {
    "all of it is denied": ({"order": None}, [denied("order")], CredentialsRefused),
    "orders are protected, in other words and without a code": (
        {"orders": None},
        [denied("orders", message="This app is not approved to access the Order object.", code=None)],
        CredentialsRefused,
    ),
    "the null rose to the top": (None, [denied("orders", "nodes", 0, "name")], CredentialsRefused),
    "a part is denied and another broke": (
        {"order": {"customer": None, "name": None}},
        [denied("order", "customer"), denied("order", "name", message="Oh", code="INTERNAL_SERVER_ERROR")],
        OutcomeUnknown,
    ),
    "a part is denied and the points are used up": (
        {"order": {"customer": None}},
        [denied("order", "customer"), {"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
        ProviderBusy,
    ),
}


@pytest.mark.parametrize(("data", "errors", "meaning"), ERRORS.values(), ids=ERRORS)
def test_what_else_is_wrong_stays_an_error(
    stub: Stub, admin: ShopifyAdmin, data: Any, errors: list[dict[str, Any]], meaning: type[ProviderError]
) -> None:
    stub.answers({"data": data, "errors": errors})

    with pytest.raises(meaning) as error:
        admin.graphql("read the order", "{}", in_part=True)

    assert type(error.value) is meaning


def test_a_refusal_of_the_whole_names_the_scope(stub: Stub, admin: ShopifyAdmin) -> None:
    stub.answers({"data": {"orders": None}, "errors": [denied("orders")]})

    with pytest.raises(CredentialsRefused, match="read_customers"):
        admin.graphql("list the orders", "{}", in_part=True)


def test_who_needs_all_of_it_hears_of_a_denied_part(stub: Stub, admin: ShopifyAdmin) -> None:
    """Whether an order is cancelled may not be guessed from an answer that leaves it out."""
    stub.answers({"data": {"order": {"cancelledAt": None}}, "errors": [denied("order", "cancelledAt")]})

    with pytest.raises(ProviderRefused, match="Access denied"):
        admin.graphql("read the order", "{}")


@pytest.mark.parametrize("path", [["orders", "nodes", "0", "customer"], "orders.nodes.0.customer"], ids=str)
@pytest.mark.parametrize(
    "why",
    [
        {"message": NO_SCOPE, "extensions": {"code": "access_denied"}},
        {"message": NO_SCOPE},
        {"message": NO_SCOPE, "extensions": {"code": None}},
        {"extensions": {"code": "ACCESS_DENIED"}},
    ],
    ids=str,
)
def test_a_denied_field_is_found_however_its_error_is_written(path: Any, why: dict[str, Any]) -> None:
    data = copy.deepcopy(ORDERS)

    assert leave_out(data, why | {"path": path})
    assert data["orders"] == ORDERS["orders"] | {"nodes": [node(0, "customer"), node(1)]}


@pytest.mark.parametrize(
    "path", [None, 7, {}, [], "", "orders", ["orders"], ["orders", "nodes", "x"], [None, {}, []]], ids=str
)
def test_an_error_that_names_no_part_leaves_nothing_out(path: Any) -> None:
    data = copy.deepcopy(ORDERS)

    assert not leave_out(data, {"message": NO_SCOPE, "path": path})
    assert data == ORDERS
