"""Programs and people keep the list of the numbers that must not be called."""

from __future__ import annotations

from typing import Any

import pytest
from api_calls import ELSEWHERE, TOKEN, error_code
from flask.testing import FlaskClient
from reporting import PHONE

from reading import flashed, look
from web_app import Shop, send_form

PATH = "/api/do-not-call"


def ask(shop: Shop, method: str, path: str = PATH, **said: Any) -> Any:
    """Ask with the token, with a body unless it is a GET; return the answer."""
    body = {} if method == "GET" else {"json": said}
    return shop.client(address=ELSEWHERE).open(path, method=method, headers=TOKEN, **body)


def test_a_program_lists_a_number_however_it_is_written(shop: Shop) -> None:
    said = ask(shop, "POST", phone="98765 43210").json

    assert (said["success"], said["new"], said["listed"]) == (True, True, True)
    assert said["entry"] == {
        "id": said["entry"]["id"],
        "since": "2026-11-24T06:30:00+00:00",
        "by": "API",
        "source": "api",
        "why": "asked",
        "until": None,
    }
    assert shop.order(shop.receive(1001, phone=PHONE)).calling_reason == "do_not_call"


def test_a_number_that_is_listed_already_is_no_news(shop: Shop) -> None:
    first = ask(shop, "POST", phone=PHONE).json

    said = ask(shop, "POST", phone=PHONE).json

    assert (said["new"], said["listed"], said["entry"]) == (False, True, first["entry"])


def test_a_wish_may_have_a_reason_of_the_list(shop: Shop) -> None:
    assert ask(shop, "POST", phone=PHONE, why="complaint").json["entry"]["why"] == "complaint"


@pytest.mark.parametrize("why", ["rude", "", 5, ["own"]])
def test_a_reason_that_is_none_of_the_list_is_refused(shop: Shop, why: object) -> None:
    answer = ask(shop, "POST", phone=PHONE, why=why)

    assert (answer.status_code, error_code(answer)) == (400, "InvalidWhy")
    assert ask(shop, "GET").json["entries"] == []


def test_a_wish_may_have_an_end(shop: Shop) -> None:
    assert ask(shop, "POST", phone=PHONE, until="2027-01-31").json["entry"]["until"] == "2027-01-31T18:30:00+00:00"


def test_a_program_asks_for_one_number_and_sees_no_number_in_the_list(shop: Shop) -> None:
    ask(shop, "POST", phone=PHONE)

    assert ask(shop, "GET", f"{PATH}?phone=%2B919876543210").json["listed"] is True
    assert ask(shop, "GET", f"{PATH}?phone=%2B919876543211").json["listed"] is False
    answer = ask(shop, "GET")
    assert [entry["by"] for entry in answer.json["entries"]] == ["API"]
    assert PHONE[-4:] not in answer.text


def test_the_list_is_read_page_by_page_the_newest_first(shop: Shop) -> None:
    ids = [ask(shop, "POST", phone=f"+9198765432{last:02}").json["entry"]["id"] for last in range(52)][::-1]

    first = [entry["id"] for entry in ask(shop, "GET").json["entries"]]

    assert first == ids[:50]
    assert [entry["id"] for entry in ask(shop, "GET", f"{PATH}?before={first[-1]}").json["entries"]] == ids[50:]


def test_a_number_is_taken_off(shop: Shop) -> None:
    ask(shop, "POST", phone=PHONE)

    assert ask(shop, "DELETE", phone=PHONE).json == {"success": True, "removed": True, "listed": False, "entry": None}
    assert ask(shop, "DELETE", phone=PHONE).json["removed"] is False
    assert shop.order(shop.receive(1001, phone=PHONE)).calling_reason is None


@pytest.mark.parametrize("phone", [None, 9876543210, "", "call me", "98765 43210, 98765 43211"])
def test_what_is_not_one_number_is_refused(shop: Shop, phone: object) -> None:
    answer = ask(shop, "POST", phone=phone)

    assert (answer.status_code, error_code(answer)) == (400, "InvalidPhone")


@pytest.mark.parametrize(
    "until", ["yesterday", "2026-11-23", "2026-11-24T11:59:59+05:30", "9999-12-31", "9999-12-31T23:59:59-12:00", 7]
)
def test_an_end_that_is_none_or_over_is_refused(shop: Shop, until: object) -> None:
    answer = ask(shop, "POST", phone=PHONE, until=until)

    assert (answer.status_code, error_code(answer)) == (400, "InvalidTime")
    assert ask(shop, "GET").json["entries"] == []


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_the_list_is_closed_to_strangers(shop: Shop, method: str) -> None:
    answer = shop.client(address=ELSEWHERE).open(PATH, method=method, json={"phone": PHONE})

    assert answer.status_code == 401


def test_a_person_lists_the_number_of_an_order_and_takes_it_off(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001, phone=PHONE)
    page = f"/orders/{order_id}"
    assert look(person, page).has("button", text="Do not call this number")

    send_form(person, f"{page}/do-not-call", wish="no calls")

    assert flashed(look(person, page)) == ["#1001: its number is not called any more."]
    assert shop.order(order_id).calling_reason == "do_not_call"
    there = look(person, page)
    assert there.has("span", css="bdg", text="Not to be called")
    assert there.has("div", css="ban", text="Its customer has asked not to be called. Confirm it another way")
    assert look(person, "/needs-you").one("li", id=f"order-{order_id}").has("a", text="Open order")

    send_form(person, f"{page}/do-not-call", wish="call")

    assert look(person, page).has("button", text="Do not call this number")
    assert ask(shop, "GET", f"{PATH}?phone=%2B919876543210").json["listed"] is False


def test_an_order_on_its_campaign_says_why_it_waits(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001, phone=PHONE)
    shop.change(order_id, calling_state="on_campaign")

    ask(shop, "POST", phone=PHONE)

    assert look(person, f"/orders/{order_id}").has("div", css="ban", text="Wants no calls. Its customer has asked")
    assert look(person, "/needs-you").has("li", id=f"order-{order_id}")


def test_an_order_without_a_number_offers_no_such_button(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001, phone=None)

    assert not look(person, f"/orders/{order_id}").has("button", text="Do not call")
    assert send_form(person, f"/orders/{order_id}/do-not-call").status_code == 409
