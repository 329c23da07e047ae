"""The switch for all calls: on every page, and for programs."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from ordercall.domain.calls.calling import INDIA
from ordercall.domain.calls.pausing import Outcome
from ordercall.storage.records import pauses, window_endings
from ordercall.storage.records.pauses import Pause
from ordercall.storage.tables import calls
from reading import flashed, look
from ringing import rung
from web_app import Page, Shop, send_form

TOKEN = {"X-App-Token": "a-sync-token-of-programs"}


def current(shop: Shop) -> Pause | None:
    with shop.db.read() as tx:
        return pauses.current(tx, shop.now)


def test_calls_are_paused_and_resumed_from_any_page(shop: Shop, person: FlaskClient) -> None:
    assert look(person, "/needs-you").has("summary", text="Calls on")

    paused = send_form(person, "/calls/pause", why="The price is wrong.", minutes="60")
    shop.pass_time(minutes=5)
    page = look(person, "/reports/placed")

    assert paused.status_code == 303
    assert page.has("summary", text="Paused")
    banner = page.one("div", css="ban", text="All calls are paused by admin")
    assert "since 12:00 pm, until 1:00 pm: “The price is wrong.”." in banner.text
    assert banner.has("form", action="/calls/resume")

    send_form(person, "/calls/resume")
    page = look(person)

    assert flashed(page) == ["Calls go on. Orders that waited: 0."]
    assert not page.has("div", css="ban", text="paused")
    assert current(shop) is None


def test_that_calls_are_paused_is_said_before_what_is_only_told(new_shop: Any) -> None:
    shop = new_shop(ORDERCALL_SANDBOXED="1")
    person = shop.person()
    send_form(person, "/calls/pause", why="The price is wrong.", minutes="60")

    first, second, *_ = look(person, "/needs-you").one("div", css="alarms-in").all("div", css="ban")

    assert "All calls are paused" in first.text
    assert "Sandbox: nobody is really called." in second.text


def test_who_pauses_second_leaves_the_first_pause_as_it_is(shop: Shop, person: FlaskClient) -> None:
    send_form(person, "/calls/pause", why="The price is wrong.")

    send_form(person, "/calls/pause", why="A short break.", minutes="60")

    page, found = look(person), current(shop)
    assert found
    assert (found.why, found.until) == ("The price is wrong.", None)
    assert flashed(page)[-1] == (
        "admin paused all calls before you saw it (“The price is wrong.”). That pause stays as it is."
        " Resume calls first to pause them for another reason, or until another time."
    )


def test_who_resumes_one_pause_does_not_end_the_next(shop: Shop, person: FlaskClient) -> None:
    send_form(person, "/calls/pause", why="A short break.")
    seen = look(person).one("div", css="ban", text="paused").one("input", name="pause").attrs["value"]
    send_form(person, "/calls/resume", pause=seen)
    send_form(person, "/calls/pause", why="The price is wrong.")

    send_form(person, "/calls/resume", pause=seen)

    page, found = look(person), current(shop)
    assert found
    assert found.why == "The price is wrong."
    assert flashed(page)[-1].endswith("Resume calls once more if they may go on all the same.")

    send_form(person, "/calls/resume", pause=str(found.id))

    assert current(shop) is None


def test_who_resumes_second_is_told_so(shop: Shop, person: FlaskClient) -> None:
    send_form(person, "/calls/resume")

    assert flashed(look(person)) == ["Somebody has resumed calls already."]


@pytest.mark.parametrize("minutes", ["", "7", "x", "-30"])
def test_without_a_length_of_the_list_a_pause_lasts_until_somebody_resumes(
    shop: Shop, person: FlaskClient, minutes: str
) -> None:
    send_form(person, "/calls/pause", minutes=minutes)

    found = current(shop)
    assert found
    assert found.until is None


def test_a_long_reason_is_cut_and_a_hostile_one_is_text(shop: Shop, person: FlaskClient) -> None:
    send_form(person, "/calls/pause", why="<script>" + "x" * 500)

    page = look(person)
    found = current(shop)
    assert found
    assert (len(found.why), "<script>x" in page.source) == (200, False)
    assert "“<script>x" in page.one("div", css="ban", text="paused").text


def test_a_stranger_pauses_nothing(shop: Shop, person: FlaskClient) -> None:
    answers = [
        shop.client().post("/calls/pause").status_code,
        person.post("/calls/pause").status_code,
        shop.client().post("/api/calls/pause").status_code,
        shop.client().post("/api/calls/resume", headers={"X-App-Token": "wrong"}).status_code,
    ]

    assert answers == [302, 400, 401, 401]
    assert current(shop) is None


def test_a_program_pauses_and_resumes(shop: Shop, program: FlaskClient) -> None:
    until = shop.now.replace(hour=14).isoformat()

    paused = program.post("/api/calls/pause", json={"why": "wrong price", "until": until}, headers=TOKEN)
    resumed = [program.post("/api/calls/resume", headers=TOKEN).get_json() for _ in range(2)]

    assert paused.get_json() | {"since": None} == {
        "success": True,
        "paused": True,
        "by": "API",
        "since": None,
        "why": "wrong price",
        "until": until,
        **{"waiting": 0, "cut_off": 0, "may_ring": 0, "may_ring_until": None, "campaigns": []},
    }
    assert resumed == [
        {"success": True, "paused": False, "was_paused": True},
        {"success": True, "paused": False, "was_paused": False},
    ]


def refused(shop: Shop) -> None:
    """Have Kalimera refuse to end the window of a campaign on which a customer may be rung."""
    order_id = shop.receive(1001)
    with shop.db.begin() as tx:
        rung(tx, order_id, now=shop.now)
        window_endings.store(tx, "main", Outcome.REFUSED, "No: <b>end_time</b> is past", now=shop.now)


def test_the_page_says_what_kalimera_refused_and_until_when_customers_may_be_rung(
    shop: Shop, person: FlaskClient
) -> None:
    send_form(person, "/calls/pause")
    refused(shop)

    banner = look(person).one("div", css="ban", text="All calls are paused")

    assert "Campaign main goes on, for Kalimera refused its end: No: <b>end_time</b> is past." in banner.text
    assert "may still be rung until 2:00 pm: 1." in banner.text.replace("\u202f", " ")


def test_a_program_sees_what_became_of_the_windows(shop: Shop, program: FlaskClient) -> None:
    before = program.get("/api/calls/pause", headers=TOKEN).get_json()
    program.post("/api/calls/pause", headers=TOKEN)
    refused(shop)

    told = program.get("/api/calls/pause", headers=TOKEN).get_json()

    assert before == {"success": True, "paused": False}
    assert (told["may_ring"], told["may_ring_until"][:16]) == (1, "2026-11-24T08:30")
    assert told["campaigns"] == [{"campaign_id": "main", "window": "refused", "message": "No: <b>end_time</b> is past"}]
    assert program.get("/api/calls/pause").status_code == 401


def test_who_resumes_is_told_how_many_are_called_again(shop: Shop, person: FlaskClient) -> None:
    send_form(person, "/calls/pause")
    order_id = shop.receive(1001)
    with shop.db.begin() as tx:
        rung(tx, order_id, now=shop.now)
        tx.execute(update(calls).values(cut_off_at=calls.c.may_ring_until))

    send_form(person, "/calls/resume")

    assert flashed(look(person))[-1:] == ["Calls go on. Orders that waited: 0. Cut off, and called again: 1."]


def test_a_program_need_not_say_why(shop: Shop, program: FlaskClient) -> None:
    assert program.post("/api/calls/pause", headers=TOKEN).get_json()["until"] is None

    found = current(shop)
    assert found
    assert found.since.astimezone(INDIA) == shop.now


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"why": 5}, "InvalidWhy"),
        ({"until": "soon"}, "InvalidUntil"),
        ({"until": 5}, "InvalidUntil"),
        ({"until": "9999-12-31T23:59:59-12:00"}, "InvalidUntil"),
        ({"until": "2026-11-24T14:00"}, "InvalidUntil"),
        ({"until": "2026-11-24T11:00+05:30"}, "InvalidUntil"),
        ([], "InvalidJson"),
    ],
)
def test_what_a_program_says_wrongly_pauses_nothing(shop: Shop, program: FlaskClient, body: Any, code: str) -> None:
    answer = program.post("/api/calls/pause", json=body, headers=TOKEN)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, code)
    assert current(shop) is None


def test_an_open_page_learns_with_its_next_news_that_somebody_paused(shop: Shop, person: FlaskClient) -> None:
    send_form(person, "/calls/pause")
    shop.receive(1001)

    page = Page(person.get("/live/around?seen=0", headers={"HX-Request": "true"}))

    assert page.one("hx-partial", hx_target="#calls-switch").one("summary", id="calls-switch").text == "Paused"
