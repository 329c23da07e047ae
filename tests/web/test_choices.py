"""What a person chooses for the browser in front of them: light or dark, and whether single keys do anything."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from reading import fields, look
from web_app import Page, Shop, send_form


@pytest.mark.parametrize(("chosen", "theme"), [("light", "light"), ("dark", "dark"), ("system", ""), ('"><b>', "")])
def test_the_theme_is_remembered(person: FlaskClient, chosen: str, theme: str) -> None:
    answer = send_form(person, "/theme", theme=chosen)

    assert answer.status_code == 303
    assert look(person).one("html").attrs["data-theme"] == theme


def test_the_theme_comes_back_to_the_page_it_was_chosen_on(person: FlaskClient) -> None:
    token = fields(look(person).one("form", action="/theme"))["csrf_token"]
    referrer = {"Referer": "http://localhost/reports/failed?range=7d"}

    answer = person.post("/theme", data={"theme": "dark", "csrf_token": token}, headers=referrer)

    assert answer.location == "/reports/failed?range=7d"


def test_the_theme_chosen_on_a_conflict_leads_to_its_order(shop: Shop, person: FlaskClient) -> None:
    order = f"/orders/{shop.receive(1001)}"
    conflict = send_form(person, f"{order}/status", status="Success", seen="another")
    form = fields(Page(conflict).one("form", action="/theme"))

    answer = person.post(
        "/theme", data=form | {"theme": "dark"}, headers={"Referer": f"http://localhost{order}/status"}
    )

    assert conflict.status_code == 409
    assert answer.location == order


@pytest.mark.parametrize("referrer", ["https://evil.example/x", "http://localhost//evil.example", "nonsense", ""])
def test_the_theme_leads_to_no_other_site(person: FlaskClient, referrer: str) -> None:
    token = fields(look(person).one("form", action="/theme"))["csrf_token"]

    answer = person.post("/theme", data={"theme": "dark", "csrf_token": token}, headers={"Referer": referrer})

    assert re.fullmatch(r"/([^/\\].*)?", answer.location)


def test_a_theme_that_somebody_wrote_into_the_cookie_is_text(person: FlaskClient) -> None:
    person.set_cookie("theme", "%22%3E%3Cscript%3E")

    assert "<script>" not in look(person).source


def test_single_keys_can_be_switched_off_and_on_again(person: FlaskClient) -> None:
    form = look(person).one("form", action="/keys")
    assert "data-keys" not in look(person).one("html").attrs

    person.post("/keys", data=fields(form) | {"keys": form.one("button").attrs["value"]})
    off = look(person)
    assert off.one("html").attrs["data-keys"] == "off"

    form = off.one("form", action="/keys")
    person.post("/keys", data=fields(form) | {"keys": form.one("button").attrs["value"]})
    assert "data-keys" not in look(person).one("html").attrs


def test_keys_are_switched_only_by_a_form_of_the_page(person: FlaskClient) -> None:
    assert person.post("/keys", data={"keys": "off"}).status_code == 400
