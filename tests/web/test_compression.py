"""How bytes travel."""

from __future__ import annotations

import gzip
import re
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from ordercall.sandbox.orders import make_order
from reading import look
from web_app import Page, Shop

pytestmark = pytest.mark.sqlite  # an answer is packed whatever it was read from

GZIP = {"Accept-Encoding": "gzip, deflate, br, zstd"}
KIB = 1024


def loaded_with(page: Page) -> set[str]:
    """Return the addresses of the files that a browser loads for a page."""
    links = [link.attrs["href"] for link in page.all("link")] + [script.attrs["src"] for script in page.all("script")]
    return {*links, *(use.attrs["href"].partition("#")[0] for use in page.all("use"))}


def weight(person: FlaskClient, address: str) -> int:
    return len(person.get(address, headers=GZIP, buffered=True).data)


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """A shop with a page full of orders."""
    shop.store(*(make_order(1001 + number, created_at=shop.now.isoformat()) for number in range(60)))
    return shop


@pytest.mark.parametrize("address", ["/", "/login", "/reports/placed", "/nowhere"])
def test_a_packed_answer_holds_the_same(busy: Shop, person: FlaskClient, address: str) -> None:
    plain, packed = person.get(address), person.get(address, headers=GZIP)

    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(gzip.decompress(packed.data)) == len(plain.data)
    assert packed.content_length == len(packed.data)
    assert packed.status_code == plain.status_code


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "deflate"])
def test_who_does_not_unpack_gets_a_plain_answer(busy: Shop, person: FlaskClient, accepted: str) -> None:
    answer = person.get("/", headers={"Accept-Encoding": accepted})

    assert "Content-Encoding" not in answer.headers
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert answer.data.startswith(b"<!doctype html>")


def test_what_is_small_is_not_packed(person: FlaskClient) -> None:
    assert "Content-Encoding" not in person.get("/health", headers=GZIP).headers


def test_the_size_of_a_page_tells_nothing(busy: Shop, person: FlaskClient) -> None:
    assert len({weight(person, "/") for _ in range(20)}) > 5


def test_files_are_kept_for_ever_under_an_address_that_changes_with_them(person: FlaskClient) -> None:
    addresses = loaded_with(look(person))

    assert len(addresses) >= 5
    for address in addresses:
        answer = person.get(address, buffered=True)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert re.fullmatch(r"/static/[0-9a-f]{10}/.+", urlsplit(address).path)


def test_the_font_of_the_stylesheet_is_the_one_that_is_preloaded(person: FlaskClient) -> None:
    page = look(person)
    preloaded = page.one("link", rel="preload").attrs["href"]
    stylesheet = page.one("link", rel="stylesheet").attrs["href"]

    named = re.findall(r'url\("?([^")]+)"?\)', person.get(stylesheet, buffered=True).get_data(as_text=True))

    assert [stylesheet.rpartition("/")[0] + "/" + name for name in named if "woff2" in name] == [preloaded]


def test_a_file_of_another_version_is_not_there_and_not_remembered(person: FlaskClient) -> None:
    answer = person.get("/static/0123456789/app.css")

    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_browser_that_asks_again_is_told_that_nothing_changed(person: FlaskClient) -> None:
    stylesheet = look(person).one("link", rel="stylesheet").attrs["href"]
    tag = person.get(stylesheet, headers=GZIP, buffered=True).headers["ETag"]

    assert person.get(stylesheet, headers=GZIP | {"If-None-Match": tag}, buffered=True).status_code == 304


def test_a_part_of_a_file_is_sent_as_it_is(person: FlaskClient) -> None:
    stylesheet = look(person).one("link", rel="stylesheet").attrs["href"]

    answer = person.get(stylesheet, headers=GZIP | {"Range": "bytes=0-99"}, buffered=True)

    assert (answer.status_code, len(answer.data)) == (206, 100)


# -- the budget


def test_the_first_visit_is_light(busy: Shop, person: FlaskClient) -> None:
    addresses = ["/", *loaded_with(look(person))]

    assert len(addresses) <= 8
    assert sum(weight(person, address) for address in addresses) <= 70 * KIB


def test_a_later_visit_is_the_page_alone(busy: Shop, person: FlaskClient) -> None:
    assert weight(person, "/") <= 12 * KIB


def test_stylesheet_and_scripts_stay_small(person: FlaskClient) -> None:
    sizes = {address.rpartition("/")[2]: weight(person, address) for address in loaded_with(look(person))}
    scripts = {name: size for name, size in sizes.items() if name.endswith(".js")}
    ours = {name: size for name, size in scripts.items() if name != "htmx.min.js"}

    assert sizes["app.css"] <= 12 * KIB
    assert sum(ours.values()) <= 6 * KIB
    assert sum(scripts.values()) <= 20 * KIB
