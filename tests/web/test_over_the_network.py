"""Pages as a browser gets them: over the network, by the server that the program has."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from ordercall.web.compression import STATIC
from web_app import Shop
from wire import Address, ask, head, whole


@pytest.fixture
def address(shop: Shop, address_of: Callable[[Shop], Address]) -> Address:
    return address_of(shop)


def get(path: str, method: str = "GET", **headers: str) -> bytes:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return head(path, {"Host": "localhost"} | named, method=method)


def cookie(person: FlaskClient) -> str:
    kept = person.get_cookie("session")
    assert kept is not None
    return f"session={kept.value}"


def test_a_page_comes_packed_to_who_can_unpack_it(address: Address) -> None:
    page = ask(address, get("/login", Accept_Encoding="gzip"))

    assert page.headers["Content-Encoding"] == "gzip"
    assert b'name="csrf_token"' in gzip.decompress(page.get_data())


def test_a_page_says_to_head_how_long_it_is(address: Address) -> None:
    page, told = ask(address, get("/login")), ask(address, get("/login", method="HEAD"))

    assert (told.status_code, told.get_data()) == (200, b"")
    assert int(told.headers["Content-Length"]) == len(page.get_data())


@pytest.mark.parametrize("path", ["/login", "/nowhere", "/api/orders"])
def test_a_host_that_none_can_have_is_refused(address: Address, path: str) -> None:
    refused = ask(address, get(path, Host="a-" * 40))

    assert (refused.status_code, b"No host can have the name" in refused.get_data()) == (400, True)


def test_the_session_of_a_person_holds(person: FlaskClient, address: Address) -> None:
    assert ask(address, get("/", Cookie=cookie(person))).status_code == 200
    assert ask(address, get("/")).status_code == 302


def test_a_static_file_comes_whole(shop: Shop, address: Address) -> None:
    sent = ask(address, get(f"{shop.app.static_url_path}/app.css"))

    assert sent.get_data() == (STATIC / "app.css").read_bytes()


def test_orders_are_exported_while_they_are_read(shop: Shop, person: FlaskClient, address: Address) -> None:
    for number in (1001, 1002):
        shop.receive(number)

    lines = ask(address, get("/orders.csv?status=Placed", Cookie=cookie(person))).get_data(as_text=True).splitlines()

    assert [line.split(",")[0] for line in lines[1:]] == ["#1002", "#1001"]


def test_a_form_that_is_too_large_is_refused_by_the_pages_own_words(address: Address) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    refused = ask(address, whole("/login", form, b"x" * 2_000_000))

    assert refused.status_code == 413
    assert "The body is too large." in refused.get_data(as_text=True)
