"""The switch for all calls: on every page, and for programs."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from ordercall.domain.calling import INDIA
from ordercall.storage.records import pauses
from ordercall.storage.records.pauses import Pause
from reading import flashed, look
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
    assert "since 5 min ago, until 1:00 pm: “The price is wrong.”." in banner.text
    assert banner.has("form", action="/calls/resume")

    send_form(person, "/calls/resume")
    page = look(person)

    assert flashed(page) == ["Calls go on. Orders that waited: 0."]
    assert not page.has("div", css="ban", text="paused")
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
    }
    assert resumed == [
        {"success": True, "paused": False, "was_paused": True},
        {"success": True, "paused": False, "was_paused": False},
    ]


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
