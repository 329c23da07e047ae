"""The route for webhooks: the event loop and Flask's plain view answer alike, and never with 5xx."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.wrappers import Response

from makers import SECRET, make_body, nested
from ordercall.intake.signature import NamedSecret
from ordercall.sandbox.webhooks import signature, signed_headers
from web_app import Shop
from wire import Address, ask, chunked, whole

PATH = "/shopify/webhook"
BODY = make_body(created_at="2026-11-24T11:59:00+05:30")
MEGABYTE = 1024 * 1024
LIMIT = 10 * MEGABYTE
BAD_SIGNATURE = {
    "success": False,
    "error": {
        "code": "BadSignature",
        "message": "The signature does not match the body and any of the webhook secrets.",
    },
}
TOO_LARGE = {"success": False, "error": {"code": "RequestEntityTooLarge", "message": "The body is too large."}}

Send = Callable[..., Response]
CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "", "wsgi.input_terminated": True}
CHUNK = 64 * 1024


@pytest.fixture(params=["the event loop", "the plain view"])
def send(request: pytest.FixtureRequest, shop: Shop, address_of: Callable[[Shop], Address]) -> Send:
    """Send a webhook over the network to the server's event loop, or to the plain view of Flask."""
    over_the_network = request.param == "the event loop"

    def post(body: bytes = BODY, changed: dict[str, str] | None = None, *, cut: bool = False, **given: Any) -> Response:
        headers = given.pop("headers", make_headers(body)) | (changed or {})
        path = given.pop("path", PATH)
        if not over_the_network:
            return shop.client().post(path, data=body, headers=headers, environ_overrides=CHUNKED if cut else {})
        pieces = [body[start : start + CHUNK] for start in range(0, len(body), CHUNK)]
        return ask(address_of(shop), chunked(path, headers, pieces) if cut else whole(path, headers, body))

    return post


def make_headers(body: bytes = BODY, topic: str = "orders/create", webhook_id: str = "delivery-1") -> dict[str, str]:
    return signed_headers(body, topic=topic, secret=SECRET, webhook_id=webhook_id)


def kept(shop: Shop) -> list[tuple[str, str | None]]:
    """Return outcome and reason of every delivery that was kept."""
    return [tuple(row) for row in shop.rows("SELECT outcome, reason FROM deliveries ORDER BY id")]


def count(shop: Shop, table: str) -> int:
    return int(shop.rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 - the tests' own words


def counts(shop: Shop) -> dict[str, int]:
    return {table: count(shop, table) for table in ("deliveries", "orders", "logs", "procrastinate_jobs")}


# -- a signed order


def test_a_signed_order_is_taken_in(shop: Shop, send: Send) -> None:
    answer = send()

    assert (answer.status_code, answer.json) == (200, {"success": True, "outcome": "recorded"})
    assert answer.content_type == "application/json"
    assert counts(shop) == {"deliveries": 1, "orders": 1, "logs": 1, "procrastinate_jobs": 1}


def test_a_slash_behind_the_address_leads_to_the_same_door(shop: Shop, send: Send) -> None:
    answer = send(path=f"{PATH}/")

    assert (answer.status_code, answer.json) == (200, {"success": True, "outcome": "recorded"})
    assert counts(shop) == {"deliveries": 1, "orders": 1, "logs": 1, "procrastinate_jobs": 1}


def test_a_bad_signature_is_refused_behind_a_slash_too(shop: Shop, send: Send) -> None:
    answer = send(path=f"{PATH}/", changed={"X-Shopify-Hmac-SHA256": signature(BODY, "another secret")})

    assert (answer.status_code, answer.json) == (403, BAD_SIGNATURE)
    assert count(shop, "deliveries") == 0


@pytest.mark.parametrize("path", ["/shopify/webhook/orders", "/shopify/webhooks", "/Shopify/Webhook"])
def test_no_other_address_takes_a_webhook(shop: Shop, send: Send, path: str) -> None:
    assert send(path=path).status_code == 404
    assert count(shop, "deliveries") == 0


def test_a_repeat_is_harmless(shop: Shop, send: Send) -> None:
    send()

    answer = send()

    assert (answer.status_code, answer.json) == (200, {"success": True, "outcome": "repeat"})
    assert counts(shop) == {"deliveries": 1, "orders": 1, "logs": 1, "procrastinate_jobs": 1}
    assert shop.rows("SELECT repeats FROM deliveries") == [(1,)]


def test_the_same_order_under_another_delivery_id_is_harmless(shop: Shop, send: Send) -> None:
    send()

    answer = send(changed={"X-Shopify-Webhook-Id": "delivery-2"})

    assert answer.json == {"success": True, "outcome": "repeat"}
    assert counts(shop) == {"deliveries": 1, "orders": 1, "logs": 1, "procrastinate_jobs": 1}


def test_the_delivery_is_kept_as_it_came(shop: Shop, send: Send) -> None:
    send()

    row = shop.rows("SELECT body, topic, shop, webhook_id, api_version, shopify_id, secret_name FROM deliveries")[0]
    assert tuple(row) == (
        BODY,
        "orders/create",
        "sandbox-shop.myshopify.com",
        "delivery-1",
        "2026-10",
        6300000001001,
        NamedSecret("shared", SECRET).mark,
    )


def test_the_signature_is_not_kept(shop: Shop, send: Send) -> None:
    send()

    assert signature(BODY, SECRET) not in shop.rows("SELECT headers FROM deliveries")[0].headers


def test_the_type_of_the_content_does_not_matter(send: Send) -> None:
    answer = send(changed={"Content-Type": "application/x-www-form-urlencoded"})

    assert answer.json == {"success": True, "outcome": "recorded"}


@pytest.mark.parametrize("host", ["localhost", "abc.ngrok.app"])
def test_it_is_open_to_the_world(send: Send, host: str) -> None:
    assert send(changed={"Host": host, "X-Forwarded-For": "203.0.113.7"}).status_code == 200


# -- signatures


def hexadecimal(body: bytes) -> str:
    return base64.b64decode(signature(body, SECRET)).hex()


BAD_SIGNATURES = {
    "wrong": signature(BODY, "another secret"),
    "of another body": signature(BODY + b" ", SECRET),
    "hex": hexadecimal(BODY),
    "plain SHA-256": base64.b64encode(hashlib.sha256(BODY).digest()).decode(),
    "empty": "",
    "cut": signature(BODY, SECRET)[:-1],
    "in lower case": signature(BODY, SECRET).lower(),
    "URL-safe": signature(BODY, SECRET).replace("+", "-").replace("/", "_").rstrip("="),
    "Latin-1": "é" * 44,
    "long": "A" * 50_000,
}


@pytest.mark.parametrize("offered", BAD_SIGNATURES.values(), ids=list(BAD_SIGNATURES))
def test_a_bad_signature_is_refused_and_nothing_is_stored(shop: Shop, send: Send, offered: str) -> None:
    answer = send(changed={"X-Shopify-Hmac-SHA256": offered})

    assert (answer.status_code, answer.json) == (403, BAD_SIGNATURE)
    assert counts(shop) == {"deliveries": 0, "orders": 0, "logs": 0, "procrastinate_jobs": 0}


def test_raw_bytes_for_a_signature_are_refused(shop: Shop, send: Send) -> None:
    answer = send(changed={"X-Shopify-Hmac-SHA256": "पासवर्ड".encode().decode("latin-1")})

    assert (answer.status_code, answer.json) == (403, BAD_SIGNATURE)
    assert count(shop, "deliveries") == 0


def test_a_missing_signature_is_refused_and_nothing_is_stored(shop: Shop, send: Send) -> None:
    headers = make_headers()
    del headers["X-Shopify-Hmac-SHA256"]

    answer = send(headers=headers)

    assert (answer.status_code, answer.json) == (403, BAD_SIGNATURE)
    assert count(shop, "deliveries") == 0


@pytest.mark.parametrize("body", [b"", b"{}", b"not JSON"])
def test_an_unsigned_body_is_refused_before_it_is_read(shop: Shop, send: Send, body: bytes) -> None:
    answer = send(body, {"X-Shopify-Hmac-SHA256": signature(BODY, SECRET)})

    assert answer.status_code == 403
    assert count(shop, "deliveries") == 0


def test_the_previous_secret_is_right_too(new_shop: Any) -> None:
    shop = new_shop(SHOPIFY_SHARED_SECRET="a-new-secret", SHOPIFY_OLD_SHARED_SECRET=SECRET)

    answer = shop.client().post(PATH, data=BODY, headers=make_headers())

    assert answer.status_code == 200
    assert shop.rows("SELECT secret_name FROM deliveries") == [(NamedSecret("previous", SECRET).mark,)]


def test_without_a_secret_no_signature_is_right(new_shop: Any) -> None:
    shop = new_shop(SHOPIFY_SHARED_SECRET="")

    answer = shop.client().post(PATH, data=BODY, headers=signed_headers(BODY, topic="orders/create", secret=""))

    assert answer.status_code == 403


# -- header names


def respelled(spelling: Callable[[str], str]) -> dict[str, str]:
    headers = make_headers()
    return {spelling(name) if "Shopify" in name else name: value for name, value in headers.items()}


SPELLINGS: dict[str, Callable[[str], str]] = {
    "X-Shopify-…": str,
    "x-shopify-…": str.lower,
    "X-SHOPIFY-…": str.upper,
    "Shopify-…": lambda name: name.removeprefix("X-"),
    "shopify-…": lambda name: name.removeprefix("X-").lower(),
    "SHOPIFY-…": lambda name: name.removeprefix("X-").upper(),
    "sHOPIFY-…": lambda name: name.removeprefix("X-").swapcase(),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=list(SPELLINGS))
def test_headers_are_known_in_every_spelling(shop: Shop, send: Send, spelling: Callable[[str], str]) -> None:
    answer = send(headers=respelled(spelling))

    assert answer.json == {"success": True, "outcome": "recorded"}
    assert shop.rows("SELECT webhook_id, topic FROM deliveries") == [("delivery-1", "orders/create")]


# -- sizes


@pytest.mark.parametrize("megabytes", [11, 40])
def test_a_body_over_ten_megabytes_is_too_large(shop: Shop, send: Send, megabytes: int) -> None:
    answer = send(b"x" * (megabytes * MEGABYTE), {"X-Shopify-Hmac-SHA256": "unsigned"})

    assert (answer.status_code, answer.json) == (413, TOO_LARGE)
    assert count(shop, "deliveries") == 0


def test_a_body_of_ten_megabytes_is_judged_by_its_signature(send: Send) -> None:
    assert send(b"x" * LIMIT, {"X-Shopify-Hmac-SHA256": "unsigned"}).status_code == 403


def test_an_order_over_one_megabyte_is_taken_in(send: Send) -> None:
    body = make_body(note="x" * (2 * MEGABYTE))

    assert send(body).json == {"success": True, "outcome": "recorded"}


# -- what cannot be used is kept

ODD_TOPICS = {
    "one of our own": "ordercall/reconciled",
    "an order's risk": "orders/risk_assessment_changed",
    "no topic": "",
    "nonsense": "🦆 / quack",
    "long": "x" * 5_000,
}


@pytest.mark.parametrize("topic", ODD_TOPICS.values(), ids=list(ODD_TOPICS))
def test_a_topic_that_is_not_used_is_kept(shop: Shop, send: Send, topic: str) -> None:
    spelled = topic.encode().decode("latin-1")

    answer = send(changed={"X-Shopify-Topic": spelled})

    assert (answer.status_code, answer.json) == (200, {"success": True, "outcome": "unused"})
    assert [outcome for outcome, _ in kept(shop)] == ["unused"]
    assert count(shop, "orders") == 0


NOT_JSON = "The body is not JSON."
NO_ORDER = "The body is JSON, but not an object with an order's fields."
TOO_DEEP = "The body is nested too deeply to be an order."
NO_ID = "The body has no usable order id."
UNREADABLE = {
    "nothing": (b"", NOT_JSON),
    "a form": (b"order=1001", NOT_JSON),
    "cut JSON": (BODY[:-20], NOT_JSON),
    "invalid UTF-8": (b'{"id": 1, "name": "\xff\xfe"}', NOT_JSON),
    "an array": (b'[{"id": 1}]', NO_ORDER),
    "a text": (b'"order"', NO_ORDER),
    "null": (b"null", NO_ORDER),
    "20,000 brackets": (b"[" * 20_000, TOO_DEEP),
    "20,000 nested arrays": (b'{"id": 1, "note": %s}' % nested(20_000), TOO_DEEP),
    "no id": (b"{}", NO_ID),
    "id null": (b'{"id": null}', NO_ID),
    "id zero": (b'{"id": 0}', NO_ID),
    "id negative": (b'{"id": -1}', NO_ID),
    "id a fraction": (b'{"id": 1.5}', NO_ID),
    "id a text": (b'{"id": "abc"}', NO_ID),
    "id true": (b'{"id": true}', NO_ID),
    "id of 64 bits": (b'{"id": 9223372036854775808}', NO_ID),
    "id of 5,000 digits": (b'{"id": ' + b"9" * 5_000 + b"}", None),
}


@pytest.mark.parametrize(("body", "reason"), UNREADABLE.values(), ids=list(UNREADABLE))
def test_a_signed_body_that_is_no_order_is_kept_with_the_reason(
    shop: Shop, send: Send, body: bytes, reason: str | None
) -> None:
    answer = send(body)

    assert (answer.status_code, answer.json) == (200, {"success": True, "outcome": "unreadable"})
    assert kept(shop) == [("unreadable", reason or kept(shop)[0][1])]
    assert counts(shop) == {"deliveries": 1, "orders": 0, "logs": 0, "procrastinate_jobs": 0}


def test_an_odd_delivery_does_not_fail_the_next(shop: Shop, send: Send) -> None:
    send(b"[", {"X-Shopify-Webhook-Id": "delivery-0"})

    assert send().json == {"success": True, "outcome": "recorded"}


ODD_VALUES: list[Any] = [None, "", "x", 0, -1, 1e308, True, [], ["x"], {}, {"a": [1]}, "\ud83d", "\x00", "9" * 400]


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: repr(value)[:12])
def test_every_field_may_hold_anything(shop: Shop, send: Send, value: object) -> None:
    order = dict.fromkeys(json.loads(BODY), value) | {"id": 1}
    order["admin_graphql_api_id"] = None

    answer = send(json.dumps(order).encode())

    assert (answer.status_code, answer.json) == (200, {"success": True, "outcome": "recorded"})
    assert count(shop, "orders") == 1


# -- what is no plain POST of known length


@pytest.mark.parametrize("path", [PATH, f"{PATH}/"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_a_post_is_a_webhook(shop: Shop, method: str, path: str) -> None:
    answer = shop.client().open(path, method=method)

    assert answer.status_code == 405
    assert answer.json["error"]["code"] == "MethodNotAllowed"


def test_a_body_of_unknown_length_is_taken_in_all_the_same(send: Send) -> None:
    answer = send(cut=True)

    assert answer.json == {"success": True, "outcome": "recorded"}


def test_a_body_of_unknown_length_has_the_same_limit(send: Send) -> None:
    answer = send(b"x" * 11 * MEGABYTE, cut=True)

    assert (answer.status_code, answer.json) == (413, TOO_LARGE)
