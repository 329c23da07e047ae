"""A credential that a provider refuses: nothing more is sent but one look a minute."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from asking import CARD, ORDER_ID, PHONE, WINDOW, environment, error_of

from makers import make_settings
from ordercall.errors import CredentialsRefused, NotShown, OutcomeUnknown, ProviderBusy, ProviderError, ProviderRefused
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.lockout import Refusal
from ordercall.providers.outgoing import run
from ordercall.providers.shopify.admin import ShopifyAdmin, shopify_http
from ordercall.providers.shopify.tokens import PermanentToken
from stub import Stub
from waiting import LONG, until

NO_TOKEN = {"message": "Unauthorized"}


class Minutes:
    """The present that a test moves, and all that was reported."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.reported: list[tuple[str, Refusal | None]] = []
        self.hears = True

    def now(self) -> float:
        return self.seconds

    def report(self, provider: str, refusal: Refusal | None) -> bool:
        self.reported.append((provider, refusal))
        return self.hears


@pytest.fixture
def minutes() -> Minutes:
    return Minutes()


@pytest.fixture
def kalimera(stub: Stub, minutes: Minutes) -> Iterator[KalimeraClient]:
    with closing(KalimeraClient(make_settings(**environment(stub.url)), watch=minutes)) as client:
        yield client


@pytest.fixture
def shopify(stub: Stub, minutes: Minutes) -> Iterator[ShopifyAdmin]:
    settings = make_settings(**environment(stub.url))
    with closing(ShopifyAdmin(settings, shopify_http(settings, watch=minutes), PermanentToken("a-token"))) as admin:
        yield admin


def create(kalimera: KalimeraClient) -> ProviderError:
    return error_of(lambda: run(kalimera.create_contact(CARD)))


def add(kalimera: KalimeraClient) -> object:
    return kalimera.add_contacts("main", {"c-1": PHONE})


@pytest.mark.parametrize(
    ("status", "body"), [(401, NO_TOKEN), (401, b"no"), (403, NO_TOKEN), (403, []), (419, []), (498, NO_TOKEN)]
)
def test_after_a_refused_credential_nothing_is_sent_for_a_minute(
    stub: Stub, kalimera: KalimeraClient, minutes: Minutes, status: int, body: object
) -> None:
    stub.answers(body, status)

    first, others = create(kalimera), [create(kalimera) for _ in range(5)]
    before = len(stub.requests)
    minutes.seconds = 60
    create(kalimera), create(kalimera)

    assert {type(error) for error in (first, *others)} == {CredentialsRefused}
    assert (first.retry_after, others[0].retry_after) == (60, 60)
    assert "it does not accept KALIMERA_AUTH_TOKEN" in others[0].reason
    assert (before, len(stub.requests)) == (1, 2)


def test_who_asks_first_hears_that_the_credential_is_refused(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers(NO_TOKEN, 401)
    create(kalimera)

    assert type(error_of(kalimera.check_circuit)) is CredentialsRefused


@pytest.mark.parametrize("status", [403, 407, 419, 498])
@pytest.mark.parametrize("body", [b"<!doctype html><h1>Forbidden</h1>", b"", b"Forbidden"])
def test_a_proxy_that_forbids_is_no_refusal_of_the_credential_or_of_an_order(
    stub: Stub, kalimera: KalimeraClient, status: int, body: bytes
) -> None:
    stub.answers(body, status, Content_Type="text/html")

    assert {type(create(kalimera)) for _ in range(3)} == {ProviderBusy}
    assert len(stub.requests) == 3


@pytest.mark.parametrize(("status", "body"), [(407, NO_TOKEN), (407, [])])
def test_a_proxy_is_one_in_json_as_well(stub: Stub, kalimera: KalimeraClient, status: int, body: object) -> None:
    stub.answers(body, status)

    assert type(create(kalimera)) is ProviderBusy


@pytest.mark.parametrize(
    "body",
    [
        {"success": False, "code": 401, "message": "Token expired"},
        {"statusCode": 401, "error": "Unauthorized"},
        {"status": "401"},
        {"error": {"code": 401, "message": "x", "status": "UNAUTHENTICATED"}},
        {"errors": [{"message": "x", "extensions": {"code": "UNAUTHENTICATED"}}], "data": None},
        {"data": {"httpStatus": 401}},
        {"ok": False, "error": "invalid_token"},
        {"success": False, "message": "Unauthorized"},
        b"Unauthorized",
    ],
    ids=str,
)
def test_a_yes_that_means_that_the_token_is_refused_is_one_alarm_and_one_look_a_minute(
    stub: Stub, kalimera: KalimeraClient, minutes: Minutes, body: object
) -> None:
    stub.answers(body, 200)

    refused = {type(create(kalimera)) for _ in range(4)} | {type(error_of(lambda: add(kalimera)))}

    assert refused == {CredentialsRefused}
    assert (len(stub.requests), len(minutes.reported)) == (1, 1)


@pytest.mark.parametrize(
    "body",
    [
        {"id": "c-1", "code": 200, "notes": {"code": 401}},
        {"success": True, "id": "c-1", "error": None, "contact": {"id": "c-1", "flat": 401}},
        {"id": "c-1", "message": "The token expired, and was renewed"},
    ],
    ids=str,
)
def test_what_only_mentions_it_is_no_refusal_of_the_token(stub: Stub, kalimera: KalimeraClient, body: object) -> None:
    stub.answers(body, 200)

    assert run(kalimera.create_contact(CARD)).contact_id == "c-1"


def test_a_refusal_that_names_the_token_is_one_of_the_token(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"error": "invalid_token"}, 400)

    assert type(create(kalimera)) is CredentialsRefused


def test_a_look_that_a_gateway_does_not_offer_shuts_nobody_out(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"message": "Missing Authentication Token"}, 403)
    hidden = kalimera.listed_contacts("main")
    stub.answers({"id": "c-1"}, 201)

    assert (hidden, run(kalimera.create_contact(CARD)).contact_id) == (None, "c-1")


def test_a_look_that_is_accepted_opens_the_way_for_all(stub: Stub, kalimera: KalimeraClient, minutes: Minutes) -> None:
    stub.answers(NO_TOKEN, 401)
    create(kalimera)
    minutes.seconds = 60
    stub.answers({"id": "c-1"}, 201)

    assert [run(kalimera.create_contact(CARD)).contact_id for _ in range(3)] == ["c-1"] * 3


def test_a_look_whose_answer_is_lost_is_repeated_in_a_minute(
    stub: Stub, kalimera: KalimeraClient, minutes: Minutes
) -> None:
    stub.answers(NO_TOKEN, 401)
    create(kalimera)
    minutes.seconds = 60
    stub.answers({"message": "Down"}, 500)

    assert [type(create(kalimera)) for _ in range(3)] == [OutcomeUnknown, CredentialsRefused, CredentialsRefused]


def test_a_look_that_says_nothing_of_the_credential_lets_the_next_one_look(
    stub: Stub, kalimera: KalimeraClient, minutes: Minutes
) -> None:
    stub.answers(NO_TOKEN, 401)
    create(kalimera)
    minutes.seconds = 60
    stub.answers(b"<h1>Not found</h1>", 404)
    assert type(error_of(lambda: run(kalimera.find_contact(PHONE)))) is NotShown
    stub.answers({"id": "c-1"}, 201)

    assert run(kalimera.create_contact(CARD)).contact_id == "c-1"


def test_a_clock_that_is_set_back_delays_no_look(stub: Stub, kalimera: KalimeraClient, minutes: Minutes) -> None:
    minutes.seconds = 1_000_000
    stub.answers(NO_TOKEN, 401)
    create(kalimera)
    minutes.seconds = 0

    assert create(kalimera).retry_after == 60


def test_what_was_sent_before_the_refusal_does_not_open_the_way(
    stub: Stub, kalimera: KalimeraClient, minutes: Minutes
) -> None:
    held = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        stub.holds = held
        earlier = threads.submit(kalimera.update_campaign, "main", "agent", WINDOW)
        until(lambda: len(stub.requests) == 1, "the first request is under way")
        stub.holds = None
        stub.answers(NO_TOKEN, 401)
        create(kalimera)
        stub.answers({"id": "c-1"})
        held.set()
        earlier.result(LONG)

    assert type(create(kalimera)) is CredentialsRefused
    assert len(stub.requests) == 2


def test_each_change_is_told_once(stub: Stub, kalimera: KalimeraClient, minutes: Minutes) -> None:
    for now, status in enumerate((200, 200, 401, 401, 401, 201, 201)):
        minutes.seconds = 60.0 * now
        stub.answers({"id": "c-1"}, status)
        kalimera_says(kalimera)

    refusal = Refusal("KALIMERA_AUTH_TOKEN", "401 {'id': 'c-1'}")
    assert minutes.reported == [("Kalimera", None), ("Kalimera", refusal), ("Kalimera", None)]


def test_what_was_not_heard_is_told_again(stub: Stub, kalimera: KalimeraClient, minutes: Minutes) -> None:
    minutes.hears = False
    for now in range(3):
        minutes.seconds = 60.0 * now
        minutes.hears = now > 0
        kalimera_says(kalimera)

    assert minutes.reported == [("Kalimera", None)] * 2


def kalimera_says(kalimera: KalimeraClient) -> None:
    """Ask for something, however that ends."""
    try:
        run(kalimera.create_contact(CARD))
    except ProviderError:
        return


def test_a_missing_right_in_shopify_stops_what_needs_it_alone(
    stub: Stub, shopify: ShopifyAdmin, minutes: Minutes
) -> None:
    def ask(operation: str) -> Callable[[], object]:
        return lambda: shopify.rest(operation, "GET", f"/orders/{ORDER_ID}.json")

    stub.answers({"errors": "[API] This action requires merchant approval for write_orders scope."}, 403)
    refused = [error_of(ask("cancel the order")) for _ in range(3)]
    stub.answers({"order": {"id": ORDER_ID}})
    ask("read the order")()

    assert {type(error) for error in refused} == {CredentialsRefused}
    assert "the scopes of the app in Shopify" in refused[-1].reason
    assert len(stub.requests) == 2
    assert minutes.reported[-1][1] is not None


def test_a_part_that_the_app_may_not_see_stops_nothing(stub: Stub, shopify: ShopifyAdmin) -> None:
    denied = {"message": "Access denied for customer field.", "path": ["orders", "nodes", 0, "customer"]}
    denied["extensions"] = {"code": "ACCESS_DENIED"}
    stub.answers({"data": {"orders": {"nodes": [{"customer": None}]}}, "errors": [denied]})

    errors = [error_of(lambda: shopify.graphql("list the orders", "query { orders }")) for _ in range(2)]

    assert {type(error) for error in errors} == {ProviderRefused}
    assert len(stub.requests) == 2
