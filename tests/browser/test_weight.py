"""What a visit costs: bytes on the wire, requests, nodes. Counts may be tests; times are in bench/pages.py."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from chromium import ROOT
from desk import open_stopped, pass_time, stop_time
from playwright.sync_api import Page, Request

from web_app import Shop

KB = 1024
STATIC = ROOT / "src" / "ordercall" / "static"


@dataclass
class Wire:
    """What came over the wire to a page; what its browser had kept does not count."""

    bytes: int = 0
    addresses: list[str] = field(default_factory=list)
    _asked: dict[str, str] = field(default_factory=dict)

    def listen(self, page: Page) -> Wire:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", self._ask)
        session.on("Network.loadingFinished", self._add)
        return self

    def _ask(self, event: dict[str, Any]) -> None:
        self._asked[event["requestId"]] = event["request"]["url"]

    def _add(self, event: dict[str, Any]) -> None:
        if event["encodedDataLength"]:
            self.bytes += int(event["encodedDataLength"])
            self.addresses.append(self._asked[event["requestId"]])


def visit(page: Page, address: str) -> Wire:
    """Open a page and wait until it is drawn; its fonts are asked for only then, on a busy machine late."""
    wire = Wire().listen(page)
    page.goto(address, wait_until="networkidle")
    page.evaluate("document.body.offsetHeight && document.fonts.ready.then(() => true)")
    page.wait_for_load_state("networkidle")
    return wire


@pytest.fixture
def still(page: Page, busy: Shop) -> Page:
    """A page in which no time passes, so that it asks for nothing by itself, however long a visit takes."""
    stop_time(page, busy)
    return page


PAGES = ["/", "/?range=all", "/orders/6300000002108", "/reports/success", "/needs-you", "/login"]


@pytest.mark.parametrize("address", PAGES)
def test_a_first_visit_is_light_and_a_repeated_one_brings_the_page_alone(still: Page, address: str) -> None:
    first = visit(still, address)
    assert first.bytes <= 70 * KB
    assert len(first.addresses) <= 8

    again = visit(still, address)
    assert again.bytes <= 12 * KB
    assert [urlsplit(url).path for url in again.addresses] == [urlsplit(address).path]


def test_the_dashboard_is_small_in_the_browser_too(page: Page, busy: Shop) -> None:
    page.goto("/")

    assert page.locator(".rows tr").count() == 25
    assert page.evaluate("document.querySelectorAll('*').length") <= 1_500


def on_the_wire(request: Request) -> int:
    """Return the bytes of an answer, headers and all."""
    sizes = request.sizes()
    return sizes["responseHeadersSize"] + sizes["responseBodySize"]


def test_a_tab_brings_the_list_alone(page: Page, busy: Shop) -> None:
    page.goto("/")

    with page.expect_request_finished(lambda request: request.url.endswith("status=Success")) as asked:
        page.locator("#tabs a", has_text="Success").click()

    assert 0 < on_the_wire(asked.value) <= 7 * KB


def test_a_look_that_finds_nothing_new_costs_next_to_nothing(page: Page, busy: Shop) -> None:
    open_stopped(page, busy)

    with page.expect_request_finished(lambda request: "/live" in request.url) as asked:
        pass_time(page, 5_000)

    assert 0 < on_the_wire(asked.value) <= 300


@pytest.mark.parametrize(("names", "limit"), [(["app.css"], 12), (["app.js"], 6), (["app.js", "htmx.min.js"], 20)])
def test_the_built_files_stay_within_their_budget(names: list[str], limit: int) -> None:
    assert sum(len(gzip.compress((STATIC / name).read_bytes())) for name in names) <= limit * KB
