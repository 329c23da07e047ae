"""What the API refuses: other ids, bodies, types, methods and addresses. Each is answered in one form."""

from __future__ import annotations

import pytest
from api_calls import TOKEN, error_code, set_status
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from makers import nested
from ordercall.domain.outside_json import DEEPEST
from web_app import Shop

STATUSES = "Placed, Success, Returned, Failed"


def send_body(client: FlaskClient, body: bytes, content_type: str = "application/json") -> TestResponse:
    return client.post("/api/orders/1/status", data=body, content_type=content_type)


NO_IDS = ["0", "-1", "abc", "1.5", "1e3", "6300000000999", str(2**63), str(2**64), "9" * 5000, "1%20", "٣", "%FF", "+1"]


@pytest.mark.parametrize("action", ["status", "sync"])
@pytest.mark.parametrize("text", NO_IDS, ids=lambda text: text[:20])
def test_what_is_no_orders_id_is_an_unknown_order(program: FlaskClient, text: str, action: str) -> None:
    answer = program.post(f"/api/orders/{text}/{action}", json={"status": "Success"}, headers=TOKEN)

    assert (answer.status_code, error_code(answer)) == (404, "UnknownOrder")


BAD_BODIES = {
    "nothing": (b"", "InvalidJson"),
    "broken": (b'{"status": "Succ', "InvalidJson"),
    "an array": (b'["Success"]', "InvalidJson"),
    "a text": (b'"Success"', "InvalidJson"),
    "null": (b"null", "InvalidJson"),
    "20,000 brackets": (b"[" * 20_000, "InvalidJson"),
    "20,000 nested arrays": (nested(20_000), "InvalidJson"),
    "one level too many": (b'{"status": %s}' % nested(DEEPEST), "InvalidJson"),
    "the deepest level": (b'{"status": %s}' % nested(DEEPEST - 1), "InvalidStatus"),
    "5,000 nested objects": (b'{"status":' * 5_000 + b"1" + b"}" * 5_000, "InvalidJson"),
    "a number of 5,000 digits": (b'{"status": ' + b"9" * 5_000 + b"}", "InvalidJson"),
    "invalid UTF-8": (b'{"status": "\xff\xfe"}', "InvalidJson"),
    "an empty object": (b"{}", "InvalidStatus"),
    "a number": (b'{"status": 1}', "InvalidStatus"),
    "a null status": (b'{"status": null}', "InvalidStatus"),
    "a list": (b'{"status": ["Success"]}', "InvalidStatus"),
    "an object": (b'{"status": {"Success": true}}', "InvalidStatus"),
    "true": (b'{"status": true}', "InvalidStatus"),
    "another status": (b'{"status": "Confirmed"}', "InvalidStatus"),
    "lower case": (b'{"status": "success"}', "InvalidStatus"),
    "with a space": (b'{"status": "Success "}', "InvalidStatus"),
    "half an emoji": (b'{"status": "\\ud83d"}', "InvalidStatus"),
}


@pytest.mark.parametrize(("body", "code"), BAD_BODIES.values(), ids=list(BAD_BODIES))
def test_a_body_that_cannot_be_used_is_answered_with_a_sentence(program: FlaskClient, body: bytes, code: str) -> None:
    answer = send_body(program, body)

    assert (answer.status_code, error_code(answer)) == (400, code)


def test_an_unknown_status_is_told_which_there_are(shop: Shop, program: FlaskClient) -> None:
    answer = set_status(program, shop.receive(), "Paid")

    assert answer.json["error"]["message"] == f"'Paid' is not a status; use {STATUSES}."


def test_a_bad_body_changes_nothing(shop: Shop, program: FlaskClient) -> None:
    order_id = shop.receive()

    set_status(program, order_id, "Paid")

    assert shop.order(order_id).confirmation_status == "Placed"


OTHER_TYPES = ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"]


@pytest.mark.parametrize("content_type", OTHER_TYPES)
def test_only_json_is_read(program: FlaskClient, content_type: str) -> None:
    answer = send_body(program, b'{"status": "Success"}', content_type)

    assert (answer.status_code, error_code(answer)) == (415, "UnsupportedMediaType")


def test_json_with_a_character_set_is_json(shop: Shop, program: FlaskClient) -> None:
    body, json_type = b'{"status": "Success"}', "application/json; charset=utf-8"

    answer = program.post(f"/api/orders/{shop.receive()}/status", data=body, content_type=json_type)

    assert answer.status_code == 200


def test_other_keys_in_the_body_do_no_harm(shop: Shop, program: FlaskClient) -> None:
    body = {"status": "Success", "colour": "red", "note": "said yes"}

    answer = program.post(f"/api/orders/{shop.receive()}/status", json=body)

    assert answer.json["new_status"] == "Success"


def test_a_body_over_the_limit_is_too_large(program: FlaskClient) -> None:
    answer = send_body(program, b'{"status": "Success", "note": "' + b"x" * 64 * 1024 + b'"}')

    assert (answer.status_code, error_code(answer)) == (413, "RequestEntityTooLarge")


OTHER_METHODS = [
    ("GET", "/api/orders/1/status"),
    ("PUT", "/api/orders/1/status"),
    ("GET", "/api/orders/1/sync"),
    ("GET", "/api/orders/sync-latest"),
    ("POST", "/api/orders/latest"),
    ("DELETE", "/api/orders/latest"),
]


@pytest.mark.parametrize(("method", "path"), OTHER_METHODS)
def test_another_method_is_refused_in_json(program: FlaskClient, method: str, path: str) -> None:
    answer = program.open(path, method=method)

    assert (answer.status_code, error_code(answer)) == (405, "MethodNotAllowed")


@pytest.mark.parametrize("path", ["/api/", "/api/orders/1/2", "/api/orders/1/2/status", "/shopify/other"])
def test_an_address_that_is_not_there_is_answered_in_json(program: FlaskClient, path: str) -> None:
    answer = program.get(path)

    assert (answer.status_code, error_code(answer)) == (404, "NotFound")
