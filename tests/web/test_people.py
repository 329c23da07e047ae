"""People: an owner invites them, they choose a password by a link, and what they may ends when the owner says so."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from api_calls import ELSEWHERE
from flask.testing import FlaskClient

from databases import ask
from ordercall.domain.people import Role
from web_app import MEMBER_PASSWORD, Page, Shop, csrf_token, login, send_form

LONG = "an orange bicycle sings"


def invite(owner: FlaskClient, name: str = "Asha", role: str = "agent") -> str:
    """Have a person invited on the page, and return the path of their link."""
    page = Page(send_form(owner, "/settings/people", name=name, role=role))
    [address] = re.findall(r"http://localhost(/welcome/[\w-]+)", page.one("span", css="code").text)
    return str(address)


def choose(client: FlaskClient, path: str, password: str = LONG) -> Any:
    return client.post(path, data={"csrf_token": csrf_token(client), "password": password})


def number_of(shop: Shop, name: str) -> int:
    return int(shop.rows("SELECT id FROM people WHERE name = ?", name)[0][0])


def test_a_person_who_was_invited_chooses_a_password_and_is_in(shop: Shop, person: FlaskClient) -> None:
    path, asha = invite(person), shop.client(address=ELSEWHERE)

    asked = Page(asha.get(path))
    answer = choose(asha, path)

    assert asked.one("input", id="username").attrs["value"] == "Asha"
    assert answer.location == "/"
    assert Page(asha.get("/account")).has("p", text="Asha, agent.")


def test_what_a_person_does_is_told_by_their_name(shop: Shop, person: FlaskClient) -> None:
    order, path, asha = shop.receive(1001), invite(person), shop.client()
    choose(asha, path)

    send_form(asha, f"/orders/{order}/status", status="Success")

    assert shop.order(order).status_changed_by == "Asha"


def test_a_person_logs_in_by_name_and_password(shop: Shop, person: FlaskClient) -> None:
    choose(shop.client(), invite(person))

    answers = [
        login(shop.client(address=ELSEWHERE), username=name, password=password).status_code
        for name, password in (("Asha", LONG), ("Asha", "wrong"), ("asha", LONG), ("Asha", ""))
    ]

    assert answers == [302, 401, 401, 401]


def test_one_letter_written_in_two_ways_is_one_password(shop: Shop, person: FlaskClient) -> None:
    choose(shop.client(), invite(person), "u\u0308ber den Wolken singt wer")

    assert login(shop.client(), username="Asha", password="über den Wolken singt wer").status_code == 302


def test_a_link_works_once(shop: Shop, person: FlaskClient) -> None:
    path = invite(person)
    choose(shop.client(), path)

    again = choose(shop.client(), path, "another long password")

    assert again.status_code == 404
    assert login(shop.client(), username="Asha", password=LONG).status_code == 302


def test_to_look_at_a_link_does_not_use_it_up(shop: Shop, person: FlaskClient) -> None:
    path = invite(person)
    for _ in range(3):
        assert shop.client().get(path).status_code == 200

    assert choose(shop.client(), path).status_code == 302


@pytest.mark.parametrize(("hours", "status"), [(23.9, 200), (24, 404)])
def test_a_link_is_good_for_a_day(shop: Shop, person: FlaskClient, hours: float, status: int) -> None:
    path = invite(person)
    shop.pass_time(hours=hours)

    assert shop.client().get(path).status_code == status


def test_who_reads_the_database_finds_no_link_and_no_password(shop: Shop, person: FlaskClient) -> None:
    token = invite(person).rpartition("/")[2]
    kept = repr(shop.rows("SELECT * FROM person_links"))
    choose(shop.client(), f"/welcome/{token}")

    assert token not in kept
    assert shop.rows("SELECT password_hash FROM people WHERE name = 'Asha'")[0][0].startswith("$argon2id$")


BAD = {
    "too short": "four words are",
    "common": "passwordpassword",
    "their name": "Asha1234567890123",
    "the program": "ordercall2026!!!",
    "a few characters": "aaaaaaaaaaaaaaaaaaaa",
}


@pytest.mark.parametrize("password", BAD.values(), ids=list(BAD))
def test_a_password_that_is_found_at_once_is_refused(shop: Shop, person: FlaskClient, password: str) -> None:
    path = invite(person)

    answer = choose(shop.client(), path, password)

    assert answer.status_code == 400
    assert Page(answer).one(role="alert").text
    assert shop.client().get(path).status_code == 200


@pytest.mark.parametrize(
    "password", ["four words are it", "     a b     c d    ", "पासवर्ड बहुत लंबा है", "x7" * 100 + "abc"]
)
def test_any_other_long_text_is_a_password(shop: Shop, person: FlaskClient, password: str) -> None:
    choose(shop.client(), invite(person), password)

    assert login(shop.client(), username="Asha", password=password).status_code == 302


TAKEN = ["admin", "Admin", "asha", "API", "this machine", "key of mine", "a", "x  y", "x" * 41, "a\u200bsha"]


@pytest.mark.parametrize("name", TAKEN)
def test_a_name_that_others_would_be_taken_for_is_refused(shop: Shop, person: FlaskClient, name: str) -> None:
    invite(person)

    answer = send_form(person, "/settings/people", name=name, role="viewer")

    assert answer.status_code == 400
    assert len(shop.rows("SELECT id FROM people")) == 2


def test_another_role_counts_from_the_next_request_on(shop: Shop, person: FlaskClient) -> None:
    viewer = shop.member(Role.VIEWER)
    before = viewer.get("/orders.csv").status_code

    send_form(person, f"/settings/people/{number_of(shop, 'the viewer')}/role", role="agent")

    assert (before, viewer.get("/orders.csv").status_code) == (403, 200)


def test_who_may_not_come_in_any_more_is_out_at_once(shop: Shop, person: FlaskClient) -> None:
    agent = shop.member(Role.AGENT)
    number = number_of(shop, "the agent")

    send_form(person, f"/settings/people/{number}/disable")

    assert agent.get("/").location == "/login?next=/"
    assert login(shop.client(), username="the agent", password=MEMBER_PASSWORD).status_code == 401
    send_form(person, f"/settings/people/{number}/enable")
    assert login(shop.client(), username="the agent", password=MEMBER_PASSWORD).status_code == 302


def test_a_new_link_ends_the_one_before_and_its_password_all_sessions(shop: Shop, person: FlaskClient) -> None:
    first, agent = invite(person), shop.member(Role.AGENT)
    second = context_link(shop, "Asha")

    assert shop.client().get(first).status_code == 404
    assert choose(shop.client(), second).status_code == 302
    choose(shop.client(), context_link(shop, "the agent"), "quite another long one")
    assert agent.get("/").location == "/login?next=/"


def context_link(shop: Shop, name: str) -> str:
    return f"/welcome/{shop.context.access.people.reset(number_of(shop, name)).token}"


@pytest.mark.parametrize("deed", ["role", "disable", "link"])
def test_the_owner_of_the_settings_is_changed_only_there(shop: Shop, person: FlaskClient, deed: str) -> None:
    answer = send_form(person, f"/settings/people/{number_of(shop, 'admin')}/{deed}", role="viewer")

    assert answer.status_code == 409
    assert "ADMIN_USERNAME" in answer.text
    assert person.get("/settings/people").status_code == 200


def test_no_password_in_the_database_lets_in_by_the_name_of_the_settings(shop: Shop) -> None:
    shop.person()
    kept = shop.context.access.passwords.hash(LONG)
    with shop.db.begin() as tx:
        ask(tx, "UPDATE people SET password_hash = ? WHERE name = 'admin'", kept)

    assert login(shop.client(), username="admin", password=LONG).status_code == 401


def test_a_name_that_the_settings_leave_keeps_no_way_in(shop: Shop) -> None:
    shop.person()
    with shop.db.read() as tx:
        [seen] = shop.context.access.people.all_of(tx)

    assert not seen.person.has_password


# -- one's own account


def test_a_person_ends_another_session_of_theirs(shop: Shop) -> None:
    here = shop.member(Role.VIEWER)
    there = shop.client(address=ELSEWHERE)
    login(there, username="the viewer", password=MEMBER_PASSWORD)
    page = Page(here.get("/account"))

    send_form(here, "/account/sessions", session=page.one("button", name="session").attrs["value"])

    assert there.get("/").location == "/login?next=/"
    assert here.get("/").status_code == 200


def test_nobody_ends_the_session_of_another(shop: Shop) -> None:
    agent, viewer = shop.member(Role.AGENT), shop.member(Role.VIEWER)
    [row] = shop.rows("SELECT hash FROM sessions s JOIN people p ON p.id = s.person_id WHERE name = 'the agent'")

    send_form(viewer, "/account/sessions", session=row[0])

    assert agent.get("/").status_code == 200


def test_another_password_ends_all_other_sessions(shop: Shop) -> None:
    here, there = shop.member(Role.VIEWER), shop.client()
    login(there, username="the viewer", password=MEMBER_PASSWORD)

    wrong = send_form(here, "/account/password", current="not that", password=LONG)
    right = send_form(here, "/account/password", current=MEMBER_PASSWORD, password=LONG)

    assert (wrong.status_code, right.status_code) == (400, 303)
    assert there.get("/").location == "/login?next=/"
    assert here.get("/").status_code == 200
    assert login(shop.client(), username="the viewer", password=LONG).status_code == 302


def test_whoever_has_a_session_has_ten_tries_of_its_password(shop: Shop) -> None:
    here = shop.member(Role.VIEWER)

    answers = [send_form(here, "/account/password", current="x", password=LONG).status_code for _ in range(11)]

    assert answers == [400] * 10 + [429]


def test_an_hour_of_use_is_seen_on_the_page_of_people(shop: Shop, person: FlaskClient) -> None:
    shop.member(Role.AGENT)
    shop.now += timedelta(hours=1)

    words = Page(person.get("/settings/people")).one(id=f"person-{number_of(shop, 'the agent')}").text

    assert "Here 1 h ago, sessions: 1." in words
