"""The real application behind a real port, a real Chromium before it, and an ear for everything it complains of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import busy_day
import pytest
from chromium import PASSWORD, person, start_options
from complaints import Complaints
from open_site import Site
from playwright.sync_api import BrowserContext, Page, expect
from pytest_playwright.pytest_playwright import CreateContextCallback

from makers import make_settings
from web_app import Shop

PATIENCE = 60_000
"""Milliseconds until what a test expects must be there: a machine that does much else is slow, and not wrong."""

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | start_options()


@pytest.fixture(scope="session")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = Shop(make_settings(tmp_path_factory.mktemp("shop") / "orders.db", ADMIN_PASSWORD=PASSWORD))
    yield shop
    shop.close()


@pytest.fixture(scope="session")
def open_site(open_shop: Shop) -> Iterator[Site]:
    with Site(open_shop.app) as site:
        yield site


@pytest.fixture
def shop(open_shop: Shop) -> Shop:
    """A shop that never had an order."""
    open_shop.start_anew()
    open_shop.now = busy_day.NOW
    open_shop.person()  # whose session is in every window's cookie
    return open_shop


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """The shop in the middle of a busy day."""
    busy_day.fill(shop)
    return shop


@pytest.fixture
def site(open_site: Site) -> Iterator[Site]:
    """Where the shop's pages are; what a test took down comes up again."""
    yield open_site
    open_site.up()


@pytest.fixture(scope="session")
def base_url(open_site: Site) -> str:
    return open_site.url


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], open_shop: Shop, open_site: Site) -> dict[str, Any]:
    return browser_context_args | person(open_shop, open_site)


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """What the browser complained of; a test fails with what it did not expect."""
    complaints = Complaints()
    yield complaints
    assert complaints.unexpected() == []


@pytest.fixture
def new_context(new_context: CreateContextCallback, complaints: Complaints, shop: Shop, site: Site) -> Any:
    """Open a window of its own cookies, whose clock agrees with the shop's."""

    def make(**choices: Any) -> BrowserContext:
        context = new_context(**choices)
        context.set_default_timeout(PATIENCE)
        if choices.get("java_script_enabled", True):
            context.clock.install(time=shop.now)
        complaints.listen(context)
        return context

    return make


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    page.unroute_all(behavior="ignoreErrors")
