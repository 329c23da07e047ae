"""The two clients against a provider of our own: what they send, and what each answer means."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from makers import make_settings
from ordercall.domain.activity import ProviderCall
from ordercall.domain.calling import CallWindow
from ordercall.domain.cancelling import OrderInShopify
from ordercall.domain.orders import CancelChoices
from ordercall.errors import (
    AlreadyThere,
    CredentialsRefused,
    OutcomeUnknown,
    ProviderBusy,
    ProviderError,
    ProviderRefused,
)
from ordercall.services.kalimera_service import ContactCard, KalimeraClient, read_id
from ordercall.services.shopify_admin import ShopifyAdmin, shopify_http
from ordercall.services.shopify_service import ShopifyClient
from ordercall.services.shopify_tokens import PermanentToken
from stub import Stub

INDIA = ZoneInfo("Asia/Kolkata")
PHONE, EMAIL, STREET = "+919000000002", "asha@example.com", "14 Lake View Road"
FIRST_NAME, LAST_NAME = "Ashalata", "Iyengar"
ORDER_ID = 2**53 + 1
CARD = ContactCard(
    shopify_id=ORDER_ID,
    phone=PHONE,
    first_name=FIRST_NAME,
    last_name=LAST_NAME,
    email=EMAIL,
    address=STREET,
    city="Chennai",
    state="Tamil Nadu",
    order_name="#1001",
    product_title="Brass Table Lamp",
    total_price=99.99,
    currency="INR",
)
WINDOW = CallWindow(
    datetime(2026, 11, 23, 18, 5, tzinfo=INDIA),
    datetime(2026, 11, 23, 20, 5, tzinfo=INDIA),
)
PERSONAL = (PHONE, PHONE[3:], EMAIL, STREET, FIRST_NAME, LAST_NAME, "Chennai", "kalimera-token", "shopify-token")
MEANINGS = [
    *[(status, ProviderRefused) for status in (301, 302, 304, 307, 308, 400, 402, 404, 405, 409, 410, 413, 415, 422)],
    *[(status, CredentialsRefused) for status in (401, 403)],
    *[(status, ProviderBusy) for status in (408, 429, 503)],
    *[(status, OutcomeUnknown) for status in (500, 501, 502, 504, 520, 599)],
]

type Ask = Callable[[], Any]


def environment(url: str, seconds: str = "10") -> dict[str, str]:
    return {
        "KALIMERA_CONTACT_URL": f"{url}/contact",
        "KALIMERA_CAMPAIGN_URL": f"{url}/campaign/<campaign id>",
        "KALIMERA_CAMPAIGN_CONTACTS_URL": f"{url}/campaign/contacts",
        "KALIMERA_TIMEOUT_SECONDS": seconds,
        "SHOPIFY_ADMIN_URL": url,
        "SHOPIFY_API_VERSION": "2026-10",
        "SHOPIFY_TIMEOUT_SECONDS": seconds,
    }


@pytest.fixture(scope="module")
def one_kalimera(running_stub: Stub) -> Iterator[KalimeraClient]:
    """Make the client once: reading the certificates takes longer than any test here."""
    client = KalimeraClient(make_settings(**environment(running_stub.url)))
    yield client
    client.close()


@pytest.fixture
def kalimera(stub: Stub, one_kalimera: KalimeraClient) -> Iterator[KalimeraClient]:
    """Give a client that has seen no failure: one good answer at the end makes it forget."""
    yield one_kalimera
    stub.forget()
    one_kalimera.update_campaign("main", "agent-english", WINDOW)


@pytest.fixture(scope="module")
def shopify(running_stub: Stub) -> Iterator[ShopifyClient]:
    settings = make_settings(**environment(running_stub.url))
    http = shopify_http(settings)
    yield ShopifyClient(ShopifyAdmin(settings, http, PermanentToken(settings.shopify_access_token)), settings)
    http.close()


@pytest.fixture
def new_kalimera() -> Iterator[Callable[..., KalimeraClient]]:
    """Make clients with other settings, and for tests after which nobody calls for a while."""
    clients: list[KalimeraClient] = []

    def make(url: str, seconds: str = "10", **changes: str) -> KalimeraClient:
        clients.append(KalimeraClient(make_settings(**environment(url, seconds) | changes)))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def error_of(ask: Ask) -> ProviderError:
    with pytest.raises(ProviderError) as failed:
        ask()
    return failed.value


# What is sent


def test_a_contact_is_created_with_this_payload(stub: Stub, kalimera: KalimeraClient) -> None:
    kalimera.create_contact(CARD)

    assert stub.asked == ("POST", "/contact")
    assert stub.payload == {
        "name": "Ashalata Iyengar",
        "first_name": "Ashalata",
        "last_name": "Iyengar",
        "phone": "+919000000002",
        "email": "asha@example.com",
        "address": "14 Lake View Road",
        "city": "Chennai",
        "state": "Tamil Nadu",
        "metadata": {
            "shopify_id": 9007199254740993,
            "order_name": "#1001",
            "product_title": "Brass Table Lamp",
            "total_price": 99.99,
            "currency": "INR",
        },
    }


@pytest.mark.parametrize(
    ("first_name", "last_name", "name"),
    [("Asha", None, "Asha"), (None, "Iyer", "Iyer"), (None, None, "Customer"), ("आरव", "शर्मा", "आरव शर्मा")],
)
def test_a_contact_always_has_a_name(first_name: str | None, last_name: str | None, name: str) -> None:
    card = ContactCard(
        shopify_id=1,
        phone=PHONE,
        first_name=first_name,
        last_name=last_name,
        email=None,
        address=None,
        city=None,
        state=None,
        order_name=None,
        product_title=None,
        total_price=None,
        currency=None,
    )

    assert card.to_json()["name"] == name


def test_a_campaign_is_updated_with_this_payload(stub: Stub, kalimera: KalimeraClient) -> None:
    kalimera.update_campaign("main", "agent-hindi", WINDOW)

    assert stub.asked == ("PUT", "/campaign/main")
    assert stub.payload == {
        "agent_id": "agent-hindi",
        "sip_list_id": "sip-list",
        "start_time": "2026-11-23T18:05:00+05:30",
        "end_time": "2026-11-23T20:05:00+05:30",
        "timezone": "Asia/Kolkata",
    }


def test_contacts_are_added_with_this_payload(stub: Stub, kalimera: KalimeraClient) -> None:
    kalimera.add_contacts("main", iter(["c-1", "c-2"]))

    assert stub.asked == ("POST", "/campaign/contacts")
    assert stub.payload == {"campaign_ids": ["main"], "contact_ids": ["c-1", "c-2"]}


def test_a_contact_is_looked_up_by_its_phone(stub: Stub, kalimera: KalimeraClient) -> None:
    kalimera.find_contact(PHONE)

    assert stub.asked == ("GET", "/contact?phone=%2B919000000002")


def test_an_order_is_cancelled_with_this_payload(stub: Stub, shopify: ShopifyClient) -> None:
    shopify.cancel_order(ORDER_ID, CancelChoices())

    assert stub.asked == ("POST", "/admin/api/2026-10/orders/9007199254740993/cancel.json")
    assert stub.payload == {"email": True, "restock": True, "reason": "other"}


def test_an_order_is_looked_up_by_its_id(stub: Stub, shopify: ShopifyClient) -> None:
    shopify.read_order(ORDER_ID)

    assert stub.asked == ("GET", "/admin/api/2026-10/orders/9007199254740993.json")


@pytest.mark.parametrize("token", ["Bearer kalimera-token", "kalimera-token", "Token a b=c"])
def test_the_authorization_is_exactly_the_setting(
    stub: Stub, new_kalimera: Callable[..., KalimeraClient], token: str
) -> None:
    new_kalimera(stub.url, KALIMERA_AUTH_TOKEN=token).create_contact(CARD)

    assert stub.heard["Authorization"] == token


def test_shopify_hears_its_own_token_and_no_other(stub: Stub, shopify: ShopifyClient) -> None:
    shopify.cancel_order(1, CancelChoices())

    assert stub.heard["X-Shopify-Access-Token"] == "shopify-token"
    assert "Authorization" not in stub.heard


def test_json_is_sent_as_json(stub: Stub, kalimera: KalimeraClient) -> None:
    kalimera.create_contact(CARD)

    assert (stub.heard["Content-Type"], stub.heard["Accept"]) == ("application/json", "application/json")


# What an answer means


@pytest.mark.parametrize(("status", "meaning"), MEANINGS)
def test_what_each_status_of_kalimera_means(
    stub: Stub, kalimera: KalimeraClient, status: int, meaning: type[ProviderError]
) -> None:
    stub.answers({"message": "No"}, status)

    error = error_of(lambda: kalimera.create_contact(CARD))

    assert type(error) is meaning
    assert error.call is not None
    assert error.call.status == status


@pytest.mark.parametrize(
    ("status", "meaning"), [(401, CredentialsRefused), (422, ProviderRefused), (404, ProviderRefused)]
)
def test_what_a_refusal_of_shopify_means(
    stub: Stub, shopify: ShopifyClient, status: int, meaning: type[ProviderError]
) -> None:
    stub.answers({"errors": {"base": ["Cannot cancel a fulfilled order"]}}, status)

    assert type(error_of(lambda: shopify.cancel_order(1, CancelChoices()))) is meaning


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_contact_that_is_created_is_told_with_its_id(stub: Stub, kalimera: KalimeraClient, status: int) -> None:
    stub.answers({"contact_id": "c-1"}, status)

    created = kalimera.create_contact(CARD)

    assert (created.contact_id, created.call.status) == ("c-1", status)


@pytest.mark.parametrize("key", ["id", "contact_id", "contactId", "_id", "uuid"])
@pytest.mark.parametrize("wrapper", [None, "data", "contact", "result"])
def test_an_id_is_found_wherever_it_stands(key: str, wrapper: str | None) -> None:
    body = {key: "c-1", "phone": PHONE}

    assert read_id({"success": True, wrapper: body} if wrapper else body) == "c-1"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"id": 42}, "42"),
        ({"id": 2**53 + 1}, "9007199254740993"),
        ({"id": None, "uuid": "c-1"}, "c-1"),
        ({"id": "", "contact_id": "c-1"}, "c-1"),
        ({"id": "request-7", "contact": {"id": "c-1"}}, "c-1"),
        ({"id": True}, None),
        ({"id": {}}, None),
        ({"id": []}, None),
        ({"data": []}, None),
        ({}, None),
        ([], None),
        (["c-1"], None),
        ("c-1", None),
        (None, None),
    ],
)
def test_only_a_text_or_a_whole_number_is_an_id(body: Any, expected: str | None) -> None:
    assert read_id(body) == expected


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"success": False, "message": "The phone is not valid"}, ProviderRefused),
        ({"success": False, "message": "This contact exists already", "contact_id": "c-9"}, AlreadyThere),
    ],
)
def test_a_contact_that_is_refused_under_status_200_is_refused(
    stub: Stub, kalimera: KalimeraClient, body: dict[str, Any], kind: type[ProviderRefused]
) -> None:
    stub.answers(body, 200)

    error = error_of(lambda: kalimera.create_contact(CARD))

    assert type(error) is kind
    assert getattr(error, "existing_id", None) == body.get("contact_id")


@pytest.mark.parametrize("body", [{}, {"success": True}, [], b"", b"<html>Welcome</html>", b"null"])
def test_a_contact_without_an_id_may_or_may_not_be_there(stub: Stub, kalimera: KalimeraClient, body: Any) -> None:
    stub.answers(body, 201)

    error = error_of(lambda: kalimera.create_contact(CARD))

    assert type(error) is OutcomeUnknown
    assert error.reason == "its answer holds no contact id"


@pytest.mark.parametrize(
    ("status", "body", "existing_id"),
    [
        (400, {"message": "Contact already exists", "contact_id": "c-7"}, "c-7"),
        (400, {"error": {"message": "This contact exists"}, "data": {"id": "c-7"}}, "c-7"),
        (400, {"errors": {"phone": ["already taken"]}}, None),
        (400, {"detail": "Duplicate contact"}, None),
        (409, {"message": "duplicate"}, None),
        (400, b"Contact already exists", None),
    ],
)
def test_a_contact_that_exists_is_told_with_its_id_where_that_is_shown(
    stub: Stub, kalimera: KalimeraClient, status: int, body: Any, existing_id: str | None
) -> None:
    stub.answers(body, status)

    error = error_of(lambda: kalimera.create_contact(CARD))

    assert isinstance(error, AlreadyThere)
    assert error.existing_id == existing_id


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (400, {"message": "Invalid phone"}, ProviderRefused),
        (400, {"message": "The campaign does not exist"}, ProviderRefused),
        (400, {"message": "Unknown list, no duplicate"}, ProviderRefused),
        (400, {}, ProviderRefused),
        (401, {"message": "This token exists no more"}, CredentialsRefused),
    ],
)
def test_another_refusal_is_not_taken_for_a_contact_that_exists(
    stub: Stub, kalimera: KalimeraClient, status: int, body: Any, meaning: type[ProviderError]
) -> None:
    stub.answers(body, status)

    assert type(error_of(lambda: kalimera.create_contact(CARD))) is meaning


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"id": "c-1", "phone": PHONE}, "c-1"),
        ({"data": {"contact_id": "c-1", "phone": "91 90000 00002"}}, "c-1"),
        ([{"id": "c-9", "phone": "+919000000009"}, {"id": "c-1", "phone": PHONE}], "c-1"),
        ({"contacts": [{"_id": "c-1", "phone": PHONE}]}, "c-1"),
        ({"results": [{"id": "c-9", "phone": "+919000000009"}]}, None),
        ({"id": "c-9"}, None),
        ({"data": []}, None),
        (b"<html>", None),
    ],
)
def test_a_contact_is_found_only_by_its_own_phone(
    stub: Stub, kalimera: KalimeraClient, body: Any, expected: str | None
) -> None:
    stub.answers(body)

    assert kalimera.find_contact(PHONE) == expected


def test_a_look_up_that_kalimera_does_not_know_finds_nothing(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"message": "Not found"}, 404)

    assert kalimera.find_contact(PHONE) is None


def test_a_look_up_with_a_wrong_token_is_an_error(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"message": "Unauthorized"}, 401)

    assert type(error_of(lambda: kalimera.find_contact(PHONE))) is CredentialsRefused


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (["c-1", "c-2"], {"c-1", "c-2"}),
        ({"contact_ids": ["c-1", 2]}, {"c-1", "2"}),
        ({"data": {"contacts": [{"id": "c-1"}, {"contact_id": "c-2"}]}}, {"c-1", "c-2"}),
        ({"contacts": []}, set()),
        ({"contacts": [{"phone": PHONE}]}, None),
        ({}, None),
        (b"<html>", None),
    ],
)
def test_the_contacts_of_a_campaign_are_read_or_unknown(
    stub: Stub, kalimera: KalimeraClient, body: Any, expected: set[str] | None
) -> None:
    stub.answers(body)

    assert kalimera.listed_contacts("main") == expected


def test_a_cancellation_by_rest_is_done_at_once_and_leaves_no_job_to_follow(stub: Stub, shopify: ShopifyClient) -> None:
    stub.answers({"notice": "Order has been canceled", "order": {"id": 1, "cancelled_at": "2026-11-23T12:00:00+05:30"}})

    assert shopify.cancel_order(1, CancelChoices()).job is None


@pytest.mark.parametrize(
    "body",
    [{}, [], {"order": None}, b"<html>Welcome</html>", {"order": {"id": 1, "cancelled_at": None}}, {"notice": "OK"}],
)
def test_a_cancel_whose_answer_does_not_say_cancelled_may_or_may_not_be_done(
    stub: Stub, shopify: ShopifyClient, body: Any
) -> None:
    stub.answers(body)

    assert type(error_of(lambda: shopify.cancel_order(1, CancelChoices()))) is OutcomeUnknown


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"id": 1, "cancelled_at": None, "fulfillment_status": None}, OrderInShopify(None, shipped=False)),
        ({"id": 1, "fulfillment_status": "fulfilled"}, OrderInShopify(None, shipped=True)),
        ({"id": 1, "fulfillment_status": "partial"}, OrderInShopify(None, shipped=True)),
        ({"id": 1, "cancelled_at": "2026-11-23"}, OrderInShopify("2026-11-23", shipped=False)),
        ({"id": 1, "cancelled_at": 5, "fulfillment_status": []}, OrderInShopify(None, shipped=False)),
    ],
)
def test_an_order_is_read_as_it_stands_in_shopify(
    stub: Stub, shopify: ShopifyClient, order: dict[str, Any], expected: OrderInShopify
) -> None:
    stub.answers({"order": order})

    assert shopify.read_order(1) == expected


def test_an_order_that_shopify_does_not_have_is_none(stub: Stub, shopify: ShopifyClient) -> None:
    stub.answers({"errors": "Not Found"}, 404)

    assert shopify.read_order(1) is None


def test_a_look_at_an_order_with_a_wrong_token_is_an_error(stub: Stub, shopify: ShopifyClient) -> None:
    stub.answers({"errors": "Invalid API key"}, 401)

    assert type(error_of(lambda: shopify.read_order(1))) is CredentialsRefused


# When no clear answer comes


@pytest.mark.parametrize(
    ("status", "written", "seconds"),
    [
        (503, "7", 7),
        (429, "7", 7),
        (429, "2.0", 2),
        (429, "0.5", 0.5),
        (429, "0", 0),
        (429, "-5", 0),
        (429, "inf", 3_600),
        (429, "86400", 3_600),
        (429, "nan", None),
        (429, "soon", None),
        (429, "", None),
        (429, "Mon, 23 Nov 2020 06:30:00 GMT", 0),
        (429, "Mon, 23 Nov 99999999999999999999 06:30:00 GMT", None),
    ],
)
def test_a_busy_provider_says_how_long_to_wait(
    stub: Stub, new_kalimera: Callable[..., KalimeraClient], status: int, written: str, seconds: float | None
) -> None:
    stub.answers({"message": "Slow down"}, status, Retry_After=written)

    assert error_of(lambda: new_kalimera(stub.url).create_contact(CARD)).retry_after == seconds


def test_a_busy_provider_may_say_until_when_to_wait(stub: Stub, new_kalimera: Callable[..., KalimeraClient]) -> None:
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    stub.answers({"message": "Slow down"}, 429, Retry_After=in_a_minute)

    wait = error_of(lambda: new_kalimera(stub.url).create_contact(CARD)).retry_after

    assert wait == pytest.approx(60, abs=3)


def test_a_page_of_html_is_named_and_not_quoted(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers(b"<!doctype html><title>Service Unavailable</title>", 503, Content_Type="text/html")

    error = error_of(lambda: kalimera.create_contact(CARD))

    assert str(error) == "Kalimera could not create the contact: 503 an HTML page instead of JSON"


def test_a_redirect_is_not_followed(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers(b"", 302, Location=f"{stub.url}/elsewhere")

    error = error_of(lambda: kalimera.create_contact(CARD))

    assert type(error) is ProviderRefused
    assert stub.asked == ("POST", "/contact")


def test_an_answer_that_does_not_come_in_time_is_unknown(
    stub: Stub, new_kalimera: Callable[..., KalimeraClient]
) -> None:
    stub.silent = True

    error = error_of(lambda: new_kalimera(stub.url, seconds="0.1").create_contact(CARD))

    assert type(error) is OutcomeUnknown
    assert error.reason == "no clear answer (ReadTimeout)"


def test_a_connection_that_is_lost_after_sending_is_unknown(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.hangs_up = True

    error = error_of(lambda: kalimera.create_contact(CARD))

    assert type(error) is OutcomeUnknown
    assert len(stub.requests) == 1


def test_an_answer_that_cannot_be_unpacked_is_unknown(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers(b"this is no gzip", 200, Content_Encoding="gzip")

    assert type(error_of(lambda: kalimera.create_contact(CARD))) is OutcomeUnknown


@pytest.mark.parametrize("depth", [100, 600, 20_000])
def test_an_answer_that_is_nested_without_need_is_unknown(stub: Stub, kalimera: KalimeraClient, depth: int) -> None:
    stub.answers(b'{"a":' * depth + b"1" + b"}" * depth)

    assert type(error_of(lambda: kalimera.create_contact(CARD))) is OutcomeUnknown


def test_a_connection_that_is_refused_means_that_nothing_happened(new_kalimera: Callable[..., KalimeraClient]) -> None:
    with socket.socket() as nobody:  # bound, but not listening
        nobody.bind(("127.0.0.1", 0))
        error = error_of(lambda: new_kalimera(f"http://127.0.0.1:{nobody.getsockname()[1]}").create_contact(CARD))

    assert type(error) is ProviderBusy
    assert error.reason == "no connection (ConnectError)"


@pytest.mark.parametrize("url", ["ftp://kalimera.test", "kalimera.test", "http://"])
def test_an_address_that_cannot_be_asked_is_a_provider_error(
    new_kalimera: Callable[..., KalimeraClient], url: str
) -> None:
    assert isinstance(error_of(lambda: new_kalimera(url).create_contact(CARD)), ProviderError)


def test_after_three_failures_a_provider_is_left_in_peace(
    stub: Stub, new_kalimera: Callable[..., KalimeraClient]
) -> None:
    client = new_kalimera(stub.url)
    stub.answers({"message": "Down"}, 503)
    for _ in range(3):
        error_of(lambda: client.create_contact(CARD))

    error = error_of(lambda: client.create_contact(CARD))

    assert (type(error), error.reason, len(stub.requests)) == (ProviderBusy, "it did not answer lately", 3)


def test_who_asks_first_hears_that_a_provider_is_left_in_peace(
    stub: Stub, new_kalimera: Callable[..., KalimeraClient]
) -> None:
    client = new_kalimera(stub.url)
    stub.answers({"message": "Slow down"}, 429, Retry_After="60")
    error_of(lambda: client.create_contact(CARD))

    error = error_of(client.stay_away_while_resting)

    assert type(error) is ProviderBusy
    assert error.retry_after == pytest.approx(60, abs=3)


def test_refusals_are_answers_and_leave_nobody_in_peace(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"message": "Invalid phone"}, 400)

    for _ in range(5):
        error_of(lambda: kalimera.create_contact(CARD))

    assert len(stub.requests) == 5


# What is kept


def assert_nothing_personal(kept: object) -> None:
    shown = json.dumps(kept, ensure_ascii=False) if not isinstance(kept, str) else kept
    assert [secret for secret in PERSONAL if secret in shown] == []


ECHO = {
    "id": "c-1",
    "message": f"Thank you, {PHONE} and {EMAIL}",
    "data": CARD.to_json() | {"token": "kalimera-token"},
    "contacts": [CARD.to_json()],
}


def test_a_call_keeps_what_it_was_about(stub: Stub, kalimera: KalimeraClient) -> None:
    call = kalimera.create_contact(CARD).call

    assert (call.method, call.path, call.status) == ("POST", "/contact", 200)
    assert call.request["metadata"]["order_name"] == "#1001"
    assert 0 <= call.milliseconds < 3_000


def test_a_call_keeps_nothing_personal_of_request_and_answer(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers(ECHO)

    assert_nothing_personal(kalimera.create_contact(CARD).call.to_json())


@pytest.mark.parametrize("status", [400, 409, 422, 503, 500])
def test_an_error_keeps_nothing_personal_of_request_and_answer(
    stub: Stub, kalimera: KalimeraClient, status: int
) -> None:
    stub.answers(ECHO, status)

    error = error_of(lambda: kalimera.create_contact(CARD))

    assert isinstance(error.call, ProviderCall)
    assert_nothing_personal(error.call.to_json())
    assert_nothing_personal(str(error))


def test_a_lost_answer_keeps_nothing_personal_of_its_request(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.hangs_up = True

    error = error_of(lambda: kalimera.find_contact(PHONE))

    assert error.call is not None
    assert_nothing_personal(error.call.to_json())
    assert_nothing_personal(str(error))


def test_a_cancel_keeps_nothing_personal_of_shopifys_answer(stub: Stub, shopify: ShopifyClient) -> None:
    address = {"first_name": FIRST_NAME, "address1": STREET, "city": "Chennai", "phone": PHONE}
    customer = {"email": EMAIL, "phone": PHONE, "last_name": LAST_NAME, "default_address": address}
    order = {"id": 1, "cancelled_at": "2026-11-23T12:00:00+05:30", "email": EMAIL, "phone": PHONE, "customer": customer}
    stub.answers({"order": order | {"billing_address": address, "shipping_address": address}})

    assert_nothing_personal(shopify.cancel_order(1, CancelChoices()).call.to_json())


# What nobody agreed on


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"id": "c-1", "note": "cut \\ud83d"}', id="in a text"),
        pytest.param(b'{"id": "c-1", "cut \\ud83d": 1}', id="in a key"),
        pytest.param(b'{"id": "c-\\ud83d1"}', id="in the id"),
    ],
)
def test_an_answer_with_half_a_character_can_be_stored(stub: Stub, kalimera: KalimeraClient, body: bytes) -> None:
    stub.answers(body, 201)

    created = kalimera.create_contact(CARD)

    json.dumps([created.contact_id, created.call.to_json()], ensure_ascii=False).encode()


def test_a_refusal_with_half_a_character_can_be_stored(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers(b'{"message": "Name is cut: \\ud83d"}', 400)

    error = error_of(lambda: kalimera.create_contact(CARD))

    assert error.call is not None
    json.dumps([str(error), error.call.to_json()], ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "quoted",
    [
        pytest.param("The token Bearer kalimera-token is wrong", id="the token"),
        pytest.param(f"'{STREET}' is no address", id="the address"),
        pytest.param(f"{FIRST_NAME} {LAST_NAME} is on a list already", id="the name"),
        pytest.param(f"Cannot read {json.dumps(CARD.to_json())}", id="the whole request"),
    ],
)
def test_a_refusal_that_quotes_us_shows_nothing_personal(stub: Stub, kalimera: KalimeraClient, quoted: str) -> None:
    stub.answers({"message": quoted}, 400)

    error = error_of(lambda: kalimera.create_contact(CARD))

    assert error.call is not None
    assert_nothing_personal(error.call.to_json())
    assert_nothing_personal(str(error))


def test_a_cancel_keeps_no_note_and_no_key_of_shopifys_answer(stub: Stub, shopify: ShopifyClient) -> None:
    order = {
        "id": 1,
        "cancelled_at": "2026-11-23T12:00:00+05:30",
        "note": f"Ring {FIRST_NAME} twice",
        "note_attributes": [{"name": "Gift for", "value": FIRST_NAME}],
        "tags": f"VIP, {LAST_NAME}",
        "browser_ip": STREET,
        "order_status_url": "https://shop.example/1/orders/abc/authenticate?key=shopify-token",
    }
    stub.answers({"order": order})

    assert_nothing_personal(shopify.cancel_order(1, CancelChoices()).call.to_json())


def test_a_call_shows_what_is_neither_secret_nor_personal(stub: Stub, shopify: ShopifyClient) -> None:
    assert shopify.cancel_order(1, CancelChoices()).call.request == {"email": True, "restock": True, "reason": "other"}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<!doctype html><title>Back soon</title>", id="a page of HTML"),
        pytest.param({"success": False, "message": "The campaign is closed"}, id="a no in words"),
    ],
)
def test_a_yes_that_says_no_puts_nobody_on_the_campaign(
    stub: Stub, new_kalimera: Callable[..., KalimeraClient], body: Any
) -> None:
    stub.answers(body, 200)
    client = new_kalimera(stub.url)

    assert isinstance(error_of(lambda: client.add_contacts("main", ["c-1"])), ProviderError)
    assert isinstance(error_of(lambda: client.update_campaign("main", "agent-hindi", WINDOW)), ProviderError)


@pytest.mark.parametrize(
    "body", [{"data": {"contact": {"id": "c-1"}}}, {"id": "request-7", "data": {"contact": {"id": "c-1"}}}]
)
def test_an_id_of_something_else_is_not_taken_for_the_contacts(body: Any) -> None:
    assert read_id(body) in ("c-1", None)


def test_part_of_a_list_is_not_taken_for_the_whole(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"contacts": [{"id": "c-1"}], "total": 3, "next_page": 2})

    assert kalimera.listed_contacts("main") is None


def test_a_look_at_a_campaign_with_a_wrong_token_is_an_error(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"message": "Unauthorized"}, 401)

    assert type(error_of(lambda: kalimera.listed_contacts("main"))) is CredentialsRefused


@pytest.mark.parametrize("body", [{"notice": "The order was not found"}, {"errors": "Not Found"}])
def test_an_answer_without_an_order_is_not_taken_for_a_live_order(
    stub: Stub, shopify: ShopifyClient, body: Any
) -> None:
    stub.answers(body)

    assert type(error_of(lambda: shopify.read_order(1))) is OutcomeUnknown


@pytest.mark.parametrize("url", ["http://127.0.0.1:port", "http://[::1"])
def test_an_address_that_is_none_is_a_provider_error(new_kalimera: Callable[..., KalimeraClient], url: str) -> None:
    assert isinstance(error_of(lambda: new_kalimera(url).create_contact(CARD)), ProviderError)


def test_an_amount_that_is_no_number_costs_only_the_amount(stub: Stub, kalimera: KalimeraClient) -> None:
    kalimera.create_contact(replace(CARD, total_price=float("inf")))

    assert stub.payload["metadata"]["total_price"] is None


def test_an_answer_that_breaks_off_is_unknown(stub: Stub, new_kalimera: Callable[..., KalimeraClient]) -> None:
    stub.answers(b'{"id": "c-1', 201, Content_Length="500", Connection="close")

    assert type(error_of(lambda: new_kalimera(stub.url).create_contact(CARD))) is OutcomeUnknown


@pytest.mark.parametrize(
    "body",
    [
        {"message": "Invalid phone", "input": {"product_title": "Already Ripped Jeans"}},
        {"message": "Invalid e-mail", "data": {"id": "request-7", "exists": False}},
    ],
)
def test_what_a_refusal_quotes_does_not_decide_whether_a_contact_exists(
    stub: Stub, kalimera: KalimeraClient, body: Any
) -> None:
    stub.answers(body, 400)

    assert type(error_of(lambda: kalimera.create_contact(CARD))) is ProviderRefused


def test_a_contact_exists_whatever_else_the_refusal_quotes(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"message": "Contact already exists", "id": "c-1", "source": "unknown"}, 400)

    assert type(error_of(lambda: kalimera.create_contact(CARD))) is AlreadyThere
