"""The parts of a page that the script asks for, so that a tab or a search sends the list alone."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from reading import look, names, sent_with
from web_app import Page, Shop

LIST = {"HX-Request": "true", "HX-Target": "section#list"}
ORDERS = {"HX-Request": "true", "HX-Target": "div#orders"}


def part(person: FlaskClient, address: str, headers: dict[str, str]) -> Page:
    answer = person.get(address, headers=headers)
    assert answer.status_code == 200
    return Page(answer)


@pytest.mark.parametrize("address", ["/", "/?status=Placed", "/?q=nobody", "/reports/placed", "/reports/failed"])
@pytest.mark.parametrize(("headers", "root"), [(LIST, "list"), (ORDERS, "orders")], ids=["list", "orders"])
def test_the_script_gets_the_part_that_it_replaces(
    mixed: Shop, person: FlaskClient, address: str, headers: dict[str, str], root: str
) -> None:
    page, whole = part(person, address, headers), look(person, address)

    assert next(page.every()).attrs["id"] == root
    assert names(page) == names(whole)
    assert not page.has("html")


def test_a_list_alone_is_a_fraction_of_the_page(mixed: Shop, person: FlaskClient) -> None:
    assert len(part(person, "/", LIST).source) < len(look(person).source) / 2


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HX-Request": "true"},
        {"HX-Request": "true", "HX-Target": "body"},
        {"HX-Request": "true", "HX-Target": "div#nowhere"},
        {"HX-Target": "section#list"},
        LIST | {"HX-History-Restore-Request": "true"},
    ],
    ids=str,
)
def test_everybody_else_gets_the_whole_page(mixed: Shop, person: FlaskClient, headers: dict[str, str]) -> None:
    assert part(person, "/", headers).has("html")


def test_a_cache_keeps_pages_and_parts_apart(mixed: Shop, person: FlaskClient) -> None:
    assert {"HX-Request", "HX-Target"} <= set(person.get("/").headers["Vary"].split(", "))


def test_the_address_of_a_part_is_told_without_what_is_usual(mixed: Shop, person: FlaskClient) -> None:
    answer = person.get("/?q=&status=Placed&range=today&sort=-placed", headers=LIST)

    assert answer.headers["HX-Push-Url"] == "/?status=Placed"


def test_while_somebody_types_the_address_changes_in_its_place(mixed: Shop, person: FlaskClient) -> None:
    answer = person.get("/?q=ana", headers=LIST | {"HX-Source": "form#search"})

    assert answer.headers["HX-Replace-Url"] == "/?q=ana"
    assert "HX-Push-Url" not in answer.headers


def test_a_part_keeps_what_the_forms_outside_must_send(mixed: Shop, person: FlaskClient) -> None:
    page = part(person, "/?status=Failed&q=ananya&sort=total", LIST)

    kept = {
        (field.attrs["form"], field.attrs["name"])
        for field in page.all("input", type="hidden")
        if field.attrs.get("form")
    }
    assert {("period", "status"), ("period", "q"), ("period", "sort"), ("search", "status"), ("search", "sort")} <= kept
    assert sent_with(page, "export") | {"at": ""} == {"status": "Failed", "q": "ananya", "at": ""}


@pytest.mark.parametrize("address", ["/", "/reports/placed", "/live?since=0"])
def test_after_the_session_a_part_is_refused(shop: Shop, address: str) -> None:
    assert shop.client().get(address, headers=LIST).status_code == 401


@pytest.mark.parametrize("address", ["/?status=Placed", "/?q=nobody", "/reports/placed"])
def test_only_links_to_the_same_list_are_followed_by_the_script(mixed: Shop, person: FlaskClient, address: str) -> None:
    boosted = [
        element
        for holder in look(person, address).every()
        if "hx-boost:inherited" in holder.attrs or holder.attrs.get("hx-boost") == "true"
        for element in [holder, *holder.every()]
        if element.tag in ("a", "form")
    ]

    assert boosted
    assert [link.attrs["href"] for link in boosted if link.tag == "a" and not link.attrs["href"].startswith("?")] == []
    assert {form.attrs["id"] for form in boosted if form.tag == "form"} == {"period"}


def test_one_hour_of_the_day_is_named_and_can_be_dropped(mixed: Shop, person: FlaskClient) -> None:
    chip = look(person, "/?hour=23&status=Placed").one("a", css="chip")

    assert chip.text == "23:00–00:00show all hours"
    assert chip.attrs["href"] == "?status=Placed"


def test_an_hour_of_no_single_day_is_not_named(mixed: Shop, person: FlaskClient) -> None:
    assert not look(person, "/?hour=14&range=7d").has("a", css="chip")
