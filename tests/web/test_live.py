"""What an open dashboard is told about what is new."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from reading import HETAL, decide, look, tabs, tiles
from web_app import Page, Shop, send_form

POLL = {"HX-Request": "true", "HX-Target": "div#fresh"}


def polled(page: Page) -> str:
    """Return the address that an open page asks for what is new."""
    return page.one(id="fresh").attrs["hx-get"]


def news(person: FlaskClient, address: str) -> Page:
    answer = person.get(address, headers=POLL)
    assert answer.status_code == 200
    return Page(answer)


def offered(page: Page) -> str:
    """Return what the pill says but for since when; nothing where there is none."""
    return page.one(id="fresh").text.partition(" since ")[0]


def test_nothing_new_is_no_answer(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)

    assert person.get(polled(look(person)), headers=POLL).status_code == 204


def test_no_answer_is_small(shop: Shop, person: FlaskClient) -> None:
    answer = person.get(polled(look(person)), headers=POLL)

    sent = f"HTTP/1.1 204 No Content\r\n{answer.headers}"
    assert "Set-Cookie" not in sent
    assert len(sent) <= 300 - 100, "a server adds its name and the date"


def test_new_orders_are_offered(shop: Shop, person: FlaskClient) -> None:
    since = polled(look(person))
    shop.receive(1001)
    shop.receive(1002)

    assert offered(news(person, since)) == "2 new orders"


def test_changes_are_offered(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    since = polled(look(person))
    send_form(person, f"/orders/{order_id}/status", status="Success")

    assert offered(news(person, since)) == "1 changed"


@pytest.mark.parametrize(
    ("address", "pill"),
    [
        ("/?q=hetal", "1 new order"),
        ("/?status=Placed", "2 new orders"),
        ("/?status=Failed", ""),
        ("/?range=yesterday", ""),
        ("/?hour=11", ""),
        ("/?status=off-campaign", ""),
    ],
)
def test_only_what_belongs_to_the_list_is_offered(shop: Shop, person: FlaskClient, address: str, pill: str) -> None:
    since = polled(look(person, address))
    shop.receive(1001)
    shop.receive(1002, person=HETAL)

    assert offered(news(person, since)) == pill


def test_the_offer_leads_to_the_same_list_from_its_beginning(shop: Shop, person: FlaskClient) -> None:
    for number in range(1001, 1030):
        shop.receive(number)
    page = look(person, "/?status=Placed&sort=-total")
    second = look(person, page.one("a", rel="next").attrs["href"])
    shop.receive(1030)

    pill = news(person, polled(second)).one(id="fresh").one("a")

    assert pill.attrs["href"] == "?status=Placed&sort=-total"


def test_what_is_offered_is_not_sent_again_and_not_forgotten(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    since = polled(look(person))
    shop.receive(1002)
    first = news(person, since)

    assert person.get(polled(first), headers=POLL).status_code == 204

    shop.receive(1003)
    assert offered(news(person, polled(first))) == "2 new orders"


def test_the_numbers_around_the_list_come_along(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, person=HETAL)
    since = polled(look(person, "/?q=hetal"))
    decide(shop, shop.receive(1002), "Success")

    answer = news(person, since)

    assert tabs(answer)["All"] == 1
    assert (tiles(answer)["Orders"][0], tiles(answer)["Success"][0]) == ("2", "1")
    targets = [part.attrs["hx-target"] for part in answer.all("hx-partial")]
    numbers = ["orders", "needs", "reported", "Placed", "Success", "Returned", "Failed"]
    around = [f"#n-{where}-{name}" for where in ("side", "menu") for name in numbers]
    around += ["#calls-switch", "#calls-pop", "#pause-banner", "#health"]
    assert targets == ["#tabs", "#tiles", "#trouble", *around]


def test_the_first_order_of_an_empty_shop_is_offered(shop: Shop, person: FlaskClient) -> None:
    since = polled(look(person))
    shop.receive(1001)

    assert offered(news(person, since)) == "1 new order"


def test_a_poll_after_the_session_is_told_so_and_gets_no_login_page(shop: Shop) -> None:
    answer = shop.client().get("/live?since=0", headers=POLL)

    assert answer.status_code == 401
    assert not Page(answer).has("input", type="password")


def test_a_poll_does_not_prolong_the_session(shop: Shop, person: FlaskClient) -> None:
    assert "Set-Cookie" not in person.get("/live?since=0", headers=POLL).headers
    assert "Set-Cookie" in person.get("/").headers


@pytest.mark.parametrize(
    "since", ["", "x", "-1", "9" * 18, "9" * 19, "9" * 30, "9" * 5_000], ids=lambda text: text[:20]
)
def test_any_place_in_the_log_may_be_asked_for(shop: Shop, person: FlaskClient, since: str) -> None:
    assert person.get(f"/live?since={since}").status_code in (200, 204)
    assert person.get(f"/live?seen={since}").status_code in (200, 204)


@pytest.mark.parametrize("address", ["/", "/reports/placed"])
def test_a_page_that_is_open_at_midnight_stays_at_its_day_and_offers_the_new_one(
    shop: Shop, person: FlaskClient, address: str
) -> None:
    shop.now = shop.now.replace(hour=23, minute=50)
    shop.receive(1001)
    since = polled(look(person, address))
    shop.pass_time(minutes=20)

    first = news(person, since)
    again = person.get(polled(first), headers=POLL)
    shop.receive(1002)
    later = news(person, polled(first))

    assert offered(first) == offered(later) == "A new day has begun · Show it"
    assert first.one(id="fresh").one("a").attrs["hx-target"] == "#orders"
    assert again.status_code == 204
    if address == "/":
        assert tiles(later)["Orders"][0] == "1", "the list below it is that of the day before"


def test_a_list_of_all_dates_knows_no_new_day(shop: Shop, person: FlaskClient) -> None:
    since = polled(look(person, "/?range=all"))
    shop.pass_time(days=1)

    assert person.get(since, headers=POLL).status_code == 204
