"""By which ways a report comes, that nothing which is sent is dropped, and what may be read of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from api_calls import ELSEWHERE, TOKEN, error_code, set_status
from hypothesis import given
from hypothesis import strategies as some
from reporting import PHONE, report, report_text, ring, status, stored

from makers import nested
from ordercall.domain.reports.report import KEYS
from properties import few
from web_app import Shop

SECRET = "an-address-that-nobody-guesses"


# -- the status route


def test_what_is_sent_beside_a_status_is_kept_and_answered(shop: Shop) -> None:
    order_id = ring(shop)

    answer = shop.client().post(
        f"/api/orders/{order_id}/status", json={"status": "Success", "connection": "connected", "quote": "haan"}
    )

    assert (answer.json["new_status"], answer.json["fate"]) == ("Success", "applied")
    assert b"haan" in bytes(stored(shop)[0].body)


def test_a_report_without_a_status_at_an_orders_address_changes_it_too(shop: Shop) -> None:
    order_id = ring(shop)

    answer = shop.client().post(f"/api/orders/{order_id}/status", json={"answer": "confirmed"})

    assert (answer.json["previous_status"], answer.json["new_status"]) == ("Placed", "Success")


def test_a_call_that_reached_nobody_is_taken_there(shop: Shop) -> None:
    order_id = ring(shop)

    answer = shop.client().post(f"/api/orders/{order_id}/status", json={"connection": "busy"})

    assert (answer.status_code, answer.json["new_status"], answer.json["fate"]) == (200, "Placed", "kept")


@pytest.mark.parametrize(
    ("body", "code"),
    [({"status": "confirmed"}, "InvalidStatus"), ({"status": "Success", "answer": "haan"}, "UnknownWord")],
)
def test_an_unknown_word_is_400_as_ever_and_kept_for_a_person(shop: Shop, body: dict[str, str], code: str) -> None:
    order_id = ring(shop)

    answer = shop.client().post(f"/api/orders/{order_id}/status", json=body)

    assert (answer.status_code, error_code(answer), status(shop, order_id)) == (400, code, "Placed")
    assert (stored(shop)[0].fate, stored(shop)[0].why) == ("needs_a_person", "unknown_word")


@pytest.mark.parametrize("ids", [{"shopify_id": 1}, {"phone": "+919876543299"}, {"contact_id": "x"}])
def test_ids_that_disagree_with_the_address_change_nothing(shop: Shop, ids: dict[str, Any]) -> None:
    order_id = ring(shop)

    answer = shop.client().post(f"/api/orders/{order_id}/status", json={"status": "Failed"} | ids)

    assert (answer.status_code, error_code(answer), status(shop, order_id)) == (409, "NeedsAPerson", "Placed")


def test_what_is_decided_is_changed_by_a_person_or_by_force(shop: Shop) -> None:
    order_id = ring(shop)
    set_status(shop.client(), order_id, "Success")

    refused = set_status(shop.client(), order_id, "Failed")
    without_token = shop.client().post(f"/api/orders/{order_id}/status", json={"status": "Failed", "force": True})
    forced = shop.client().post(
        f"/api/orders/{order_id}/status", json={"status": "Placed", "force": True}, headers=TOKEN
    )

    assert (refused.status_code, without_token.status_code) == (409, 409)
    assert (forced.status_code, status(shop, order_id)) == (200, "Placed")


def test_what_came_for_an_unknown_order_is_404_and_kept(shop: Shop) -> None:
    answer = set_status(shop.client(), 6300000009999, "Success")

    assert (answer.status_code, error_code(answer)) == (404, "UnknownOrder")
    assert stored(shop)[0].why == "unknown_ids"


# -- the doors


@pytest.fixture
def addressed(new_shop: Callable[..., Shop]) -> Shop:
    """A shop whose agent reports to an address of its own."""
    return new_shop(OUTCOMES_SECRET=SECRET)


def test_an_agent_without_a_header_reports_to_an_address_of_its_own(addressed: Shop) -> None:
    order_id = ring(addressed)
    stranger = addressed.client(address=ELSEWHERE)

    answer = stranger.post(f"/api/outcomes/in/{SECRET}", json={"phone": PHONE, "answer": "confirmed"})

    assert (answer.status_code, answer.json["fate"], status(addressed, order_id)) == (200, "applied", "Success")
    assert (stored(addressed)[0].door, stored(addressed)[0].sender) == ("address", "agent")


@pytest.mark.parametrize("secret", ["another", SECRET[:-1], f"{SECRET}x", "%FF"])
def test_another_address_leads_nowhere(addressed: Shop, secret: str) -> None:
    answer = addressed.client(address=ELSEWHERE).post(f"/api/outcomes/in/{secret}", json={"phone": PHONE})

    assert (answer.status_code, error_code(answer)) == (404, "NotFound")
    assert stored(addressed) == []


@pytest.mark.parametrize("secret", ["", "None"])
def test_without_the_setting_there_is_no_such_address(shop: Shop, secret: str) -> None:
    assert shop.client().post(f"/api/outcomes/in/{secret}", json={"phone": PHONE}).status_code == 404


def test_the_address_forces_nothing(addressed: Shop) -> None:
    order_id = ring(addressed)
    body = {"phone": PHONE, "answer": "refused", "force": True}

    answer = addressed.client(address=ELSEWHERE).post(f"/api/outcomes/in/{SECRET}", json=body)

    assert (answer.json["why"], status(addressed, order_id)) == ("no_right", "Placed")


def test_the_token_comes_as_a_bearer_too(production: Shop) -> None:
    order_id = ring(production)
    bearer = {"Authorization": f"Bearer {TOKEN['X-App-Token']}"}

    answer = production.client(address=ELSEWHERE).post(
        "/api/outcomes", json={"phone": PHONE, "answer": "confirmed"}, headers=bearer
    )

    assert (answer.status_code, status(production, order_id)) == (200, "Success")


@pytest.mark.parametrize("headers", [{}, {"X-App-Token": "wrong"}, {"Authorization": "Bearer wrong"}])
@pytest.mark.parametrize("path", ["/api/outcomes", "/api/reports", "/api/orders?phone=1&waiting=1"])
def test_a_stranger_reports_and_reads_nothing(production: Shop, path: str, headers: dict[str, str]) -> None:
    method = "POST" if path == "/api/outcomes" else "GET"

    answer = production.client(address=ELSEWHERE).open(path, method=method, json={"phone": PHONE}, headers=headers)

    assert answer.status_code == 401
    assert stored(production) == []


ODD_BODIES = [b"", b"{", b"[]", b'"x"', b"null", nested(20_000), b"\xff\xfe", b'{"phone": 1e999}', b"a=1&b=2"]


@pytest.mark.parametrize("body", ODD_BODIES, ids=range(len(ODD_BODIES)))
def test_what_cannot_be_read_is_kept_and_answered(shop: Shop, body: bytes) -> None:
    answer = shop.client(address=ELSEWHERE).post("/api/outcomes", data=body, headers=TOKEN)

    assert (answer.status_code, answer.json["fate"]) == (200, "needs_a_person")
    assert bytes(stored(shop)[0].body) == body


_JSON: Any = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)


@few(40)
@given(some.dictionaries(some.sampled_from([*KEYS, "other"]), _JSON) | _JSON)
def test_nothing_that_is_sent_is_dropped(shop: Shop, said: Any) -> None:
    body = json.dumps(said).encode()
    before = len(stored(shop))

    answer = shop.client().post("/api/outcomes", data=body, content_type="application/json")

    assert answer.status_code == 200
    pieces = said if "reports" in answer.json else [said]
    fates = answer.json.get("reports", [answer.json])
    assert len(stored(shop)) == before + sum(not one["repeated"] for one in fates)
    for piece, one in zip(pieces, fates, strict=True):
        [kept] = shop.rows("SELECT body FROM reports WHERE id = ?", one["report"])
        assert bytes(kept.body) == json.dumps(piece).encode()


# -- many in one request


def test_an_array_of_reports_is_taken_as_if_each_came_alone(shop: Shop) -> None:
    first, second = ring(shop, 1001), ring(shop, 1002, phone="+919876543211", contact="card-2")
    said = [
        {"shopify_id": first, "answer": "confirmed", "report_id": "r-1"},
        {"contact_id": "card-2", "connection": "no_answer"},
        {"shopify_id": first, "answer": "confirmed", "report_id": "r-1"},
        {"phone": "nobody's", "answer": "confirmed"},
    ]

    answer = report_text(shop, f"\ufeff {json.dumps(said)} ")

    assert [one["fate"] for one in answer["reports"]] == ["applied", "kept", "applied", "needs_a_person"]
    assert [one["repeated"] for one in answer["reports"]] == [False, False, True, False]
    assert (status(shop, first), status(shop, second)) == ("Success", "Placed")
    assert [json.loads(row.body) for row in stored(shop)] == [said[0], said[1], said[3]]


def test_an_array_that_holds_anything_but_reports_is_kept_in_one_piece(shop: Shop) -> None:
    answer = report_text(shop, '[{"answer": "confirmed"}, 7]')

    assert (answer["fate"], len(stored(shop))) == ("needs_a_person", 1)


def test_more_reports_than_a_request_may_have_are_refused_unstored_and_counted(shop: Shop) -> None:
    body = json.dumps([{"phone": f"+9198765{number:05}"} for number in range(101)])

    answer = shop.client(address=ELSEWHERE).post("/api/outcomes", data=body, headers=TOKEN)

    assert (answer.status_code, error_code(answer), stored(shop)) == (413, "TooManyReports", [])


def test_an_array_without_the_token_counts_as_a_report_that_was_not_let_in(production: Shop) -> None:
    order_id = ring(production)
    body = json.dumps([{"shopify_id": order_id, "answer": "confirmed"}, {"shopify_id": 1}])
    production.client(address=ELSEWHERE).post("/api/outcomes", data=body)
    production.context.refusals.write()

    assert [row.number for row in production.rows("SELECT number FROM refusals WHERE cause = 'report'")] == [1]


# -- what is read


def test_reports_are_listed_by_their_fate_without_anything_personal(shop: Shop) -> None:
    ring(shop)
    report(shop, phone=PHONE, connection="no_answer", note="Meera's shop")
    report(shop, phone=PHONE, answer="perhaps")

    [found] = shop.client().get("/api/reports?fate=needs_a_person").json["reports"]
    everything = shop.client().get("/api/reports").text

    assert found["unknown"] == [{"path": "answer"}]
    assert (found["why"], found["said"]) == ("unknown_word", {"final": True})
    assert PHONE not in everything
    assert "Meera" not in everything
    assert error_code(shop.client().get("/api/reports?fate=lost")) == "InvalidFate"


@pytest.mark.parametrize(("language", "shown"), [("hi-IN", True), ("en", True), ("call 98765 43210", False)])
def test_of_the_language_only_a_code_is_listed(shop: Shop, language: str, shown: bool) -> None:
    report(shop, phone=PHONE, answer="refused", language=language)

    [found] = shop.client().get("/api/reports").json["reports"]

    assert found["said"] == {"answer": "refused", "final": True} | ({"language": language} if shown else {})


def test_a_look_up_shows_what_is_open_in_the_words_to_use(shop: Shop) -> None:
    order_id = ring(shop)
    shop.receive(1002, phone=PHONE)

    answer = shop.client().get("/api/orders", query_string={"phone": PHONE, "waiting": "1"})

    [order] = answer.json["orders"]
    assert order["shopify_id"] == order_id
    assert order["words"].startswith("Order #1001: ")
    assert "address" not in answer.text
    assert PHONE not in answer.text


@pytest.mark.parametrize("query", ["?phone=%2B919876543210", "?waiting=1", "?phone=x&waiting=1"])
def test_a_look_up_says_how_to_ask(shop: Shop, query: str) -> None:
    assert error_code(shop.client().get(f"/api/orders{query}")) == "InvalidPhone"
