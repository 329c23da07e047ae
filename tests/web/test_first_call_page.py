"""Settings, first call: a number that is asked for, the steps as they are stored, the report, a stop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ordercall.domain.do_not_call import Source
from own_numbers import Trying, trying
from reading import flashed, look
from web_app import Page, Shop, csrf_token, send_form

PATH = "/settings/first-call"
PHONE = "+919000000002"
TOKEN = {"X-App-Token": "a-sync-token-of-programs"}
POLL = {"HX-Request": "true"}


@pytest.fixture
def tried(shop: Shop) -> Iterator[Trying]:
    with trying(shop) as made:
        yield made


def begin(person: FlaskClient, phone: str = PHONE, language: str = "hi") -> TestResponse:
    return send_form(person, PATH, phone=phone, language=language)


def begun(person: FlaskClient) -> str:
    """Return the address of a call that waits for a worker."""
    answer = begin(person)
    assert answer.status_code == 303
    return answer.location


def placed(person: FlaskClient, tried: Trying) -> str:
    address = begun(person)
    tried.work()
    send_form(person, f"{address}/agree")
    tried.work()
    return address


def stands(page: Page) -> str:
    return page.one(id="part").one("p", role="status").text


def steps(page: Page) -> list[str]:
    return [step.all("b")[0].text for step in page.one("ol", aria_label="Steps").all("li")]


def test_it_says_first_that_a_real_phone_rings(person: FlaskClient) -> None:
    page = look(person, PATH)

    assert "A real phone rings: take a number of your own." in page.one("section", aria_labelledby="call-title").text
    assert page.one("input", id="phone").attrs["type"] == "tel"


def test_each_agent_has_a_button_that_leads_there_with_it_chosen(person: FlaskClient) -> None:
    link = look(person, "/settings/languages").one("a", text="Test the Hindi agent")
    page = look(person, link.attrs["href"])

    chosen = [each.text for each in page.one("select", id="language").all("option") if "selected" in each.attrs]
    assert chosen == ["Hindi: agent-hindi on main"]


def test_a_call_goes_its_way_over_the_pages(shop: Shop, person: FlaskClient, tried: Trying) -> None:
    address = begun(person)
    looking = look(person, address)
    tried.work()
    asking = look(person, address)
    send_form(person, f"{address}/agree")
    tried.work()
    waiting = look(person, address)
    shop.client().post("/api/outcomes", json={"phone": PHONE, "answer": "confirmed"}, headers=TOKEN)
    reported = look(person, address)

    assert stands(looking) == "Kalimera is looked at …"
    assert stands(asking) == "Waits for your yes."
    assert stands(waiting) == "On the list: the phone may ring."
    assert stands(reported) == "The agent has reported."
    assert steps(reported) == [
        "Token",
        "Campaign main",
        "Agent agent-hindi, Hindi",
        "Contact",
        "On the list: from here on the phone rings",
    ]
    assert '"answer": "confirmed"' in reported.one(id="part").text
    assert [entry.phone for entry in tried.kalimera.listings] == [PHONE]
    assert shop.rows("SELECT count(*) FROM orders") == [(0,)]


def test_neither_number_nor_token_stands_on_a_page(shop: Shop, person: FlaskClient, tried: Trying) -> None:
    address = placed(person, tried)
    shop.client().post("/api/outcomes", json={"phone": PHONE, "answer": "confirmed"}, headers=TOKEN)

    for page in (look(person, address), look(person, PATH)):
        assert [text for text in (PHONE[1:], shop.settings.kalimera_auth_token) if text in page.source] == []
        assert "+91•••02" in page.source


def test_an_open_page_asks_until_the_call_is_over(person: FlaskClient, tried: Trying) -> None:
    address = begun(person)
    asked = look(person, address).one(id="fresh").attrs
    tried.work()
    answer = Page(person.get(asked["hx-get"], headers=POLL))
    send_form(person, f"{address}/stop")
    over = Page(person.get(asked["hx-get"], headers=POLL))

    assert (asked["hx-get"], asked["data-every"]) == (f"{address}/live", "1000")
    assert answer.one("hx-partial", hx_target="#part").one("p", role="status").text == "Waits for your yes."
    assert answer.has("hx-partial", hx_target="#pause-banner")
    assert over.one(id="fresh").attrs["hx-get"].startswith("/live/around")


def test_without_a_script_the_page_reloads_by_itself_until_it_is_over(person: FlaskClient, tried: Trying) -> None:
    address = begun(person)
    before = look(person, address)
    send_form(person, f"{address}/stop")

    assert before.has("meta", http_equiv="refresh")
    assert not look(person, address).has("meta", http_equiv="refresh")


@pytest.mark.parametrize(("phone", "language"), [("12", "hi"), ("", "hi"), (PHONE, "ta"), (PHONE, "")])
def test_without_a_number_and_an_agent_nothing_begins(
    shop: Shop, person: FlaskClient, phone: str, language: str
) -> None:
    answer = begin(person, phone, language)

    assert answer.status_code == 400
    assert "Nobody was rung." in Page(answer).one("main").text
    assert shop.rows("SELECT count(*) FROM first_calls") == [(0,)]


def test_a_number_that_must_not_be_called_wants_a_tick(shop: Shop, person: FlaskClient) -> None:
    shop.context.numbers.add([PHONE], Source.PERSON, by="a person")

    asked = begin(person)
    tick = Page(asked).one("input", name="confirmed").attrs
    confirmed = send_form(person, PATH, phone=PHONE, language="hi", confirmed=tick["value"])

    assert (asked.status_code, tick["value"]) == (409, "This number is on the do-not-call list.")
    assert confirmed.status_code == 303


def test_a_second_person_is_told_whose_call_is_under_way(person: FlaskClient) -> None:
    begun(person)

    answer = begin(person, "+919000000003")

    assert answer.status_code == 409
    assert "admin tries a number just now." in Page(answer).one("main").text


def test_a_call_that_waits_is_listed_with_a_button_that_stops_it(
    shop: Shop, person: FlaskClient, tried: Trying
) -> None:
    placed(person, tried)
    form = look(person, PATH).one("section", aria_labelledby="tried-title").one("form")
    send_form(person, form.attrs["action"])
    tried.work()

    listed = look(person, PATH).one("section", aria_labelledby="tried-title")
    assert "+91•••02 by admin" in listed.text
    assert "Stopped by admin." in listed.text
    assert not listed.has("form")
    assert tried.kalimera.campaign.end == shop.now


def test_what_a_person_says_of_their_phone_stands_with_what_follows(person: FlaskClient, tried: Trying) -> None:
    address = placed(person, tried)
    send_form(person, f"{address}/rang", rang="again")

    shown = look(person, address).one(id="part")
    assert "K4: Kalimera rings again by itself" in shown.text
    assert shown.one("button", value="again").attrs["aria-pressed"] == "true"


def test_who_says_yes_to_a_call_that_has_gone_on_is_told_so(person: FlaskClient, tried: Trying) -> None:
    address = placed(person, tried)
    send_form(person, f"{address}/agree")

    assert flashed(look(person, address)) == ["It has gone on meanwhile: look how it stands now."]
    assert len(tried.kalimera.listings) == 1


@pytest.mark.parametrize("deed", ["", "/agree", "/stop", "/rang"])
def test_a_form_of_another_site_rings_nobody(shop: Shop, person: FlaskClient, deed: str) -> None:
    address = begun(person)

    forged = person.post(f"{address}{deed}" if deed else PATH, data={"phone": PHONE, "language": "hi", "rang": "once"})
    stranger = shop.client().post(f"{address}{deed}" if deed else PATH, data={"phone": PHONE})

    assert (forged.status_code, stranger.status_code) == (400, 302)
    assert shop.rows("SELECT stage, rang FROM first_calls") == [("looking", None)]


@pytest.mark.parametrize("address", ["/7", "/x", "/7/live", "/0"])
def test_a_call_that_is_not_known_is_not_found(person: FlaskClient, address: str) -> None:
    assert person.get(PATH + address).status_code == 404
    assert person.post(f"{PATH}/7/stop", data={"csrf_token": csrf_token(person)}).status_code == 404
