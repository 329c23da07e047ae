"""Pictures of every page and state, light and dark, wide and narrow: ``make screenshots``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from base64 import b64decode
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from busy_day import NOW
from chromium import NARROW, PASSWORD, ROOT, WIDE, person, start_options
from open_site import Site
from scenes import SCENES, Scene

from makers import make_settings
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.customers import Customers
from ordercall.sandbox.server import run_in_thread
from ordercall.sandbox.shop import Shop as SandboxShop
from ordercall.sandbox.shopify import FakeShopify
from ordercall.sandbox.talks import CUSTOMERS
from web_app import Shop

WIDTHS = {"wide": WIDE, "narrow": NARROW}
THEMES = ("light", "dark")
SANDBOX = "sandbox"
"""The name of the sandbox's page, which is no scene: its shop is its own."""

README = {
    "dashboard": ("dashboard", "wide", "light"),
    "dashboard-dark": ("dashboard", "wide", "dark"),
    "order": ("order-page", "wide", "light"),
    "phone": ("dashboard", "narrow", "light"),
}


def take(browser: Browser, shop: Shop, site: Site, scene: Scene, width: str, into: Path) -> None:
    """Write a picture of one scene in each theme."""
    context = enter(browser, shop, site, scene, width)
    page = context.pages[0]
    stretch(page, WIDTHS[width])
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.screenshot(path=into.with_name(f"{into.name}-{width}-{theme}.png"))
    page.unroute_all(behavior="ignoreErrors")
    context.close()


def take_sandbox(browser: Browser, into: Path) -> None:
    """Write pictures of the sandbox's page with an order of each customer who has a number of their own."""
    shop = SandboxShop(FakeShopify())
    for customer in CUSTOMERS.values():
        shop.place_order(customer.name)
    with run_in_thread(create_sandbox(shop=shop, customers=Customers(shop, "http://127.0.0.1:9", ""))) as sandbox:
        for width, viewport in WIDTHS.items():
            page = browser.new_page(viewport=viewport)
            page.goto(sandbox.url)
            stretch(page, viewport)
            for theme in THEMES:
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                page.screenshot(path=into.with_name(f"{into.name}-{width}-{theme}.png"))
            page.close()


def take_for_readme(browser: Browser, shop: Shop, site: Site) -> None:
    """Write the pictures of the README: what a screen shows, as WebP, which Playwright itself does not write."""
    for name, (scene, width, theme) in README.items():
        context = enter(browser, shop, site, SCENES[scene], width)
        page = context.pages[0]
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.evaluate("scrollTo(0, 0)")
        session = context.new_cdp_session(page)
        picture = session.send("Page.captureScreenshot", {"format": "webp", "quality": 80})
        (ROOT / "docs" / "images" / f"{name}.webp").write_bytes(b64decode(picture["data"]))
        context.close()


def enter(browser: Browser, shop: Shop, site: Site, scene: Scene, width: str) -> BrowserContext:
    """Fill the shop anew and lead somebody's page into the scene."""
    shop.start_anew()
    shop.now = NOW
    scene.fill(shop)
    context = browser.new_context(**person(shop, site) | {"viewport": WIDTHS[width]})
    context.clock.install(time=shop.now)
    scene.open(context.new_page(), shop)
    return context


def stretch(page: Page, viewport: ViewportSize) -> None:
    """Make the window as high as the page, so that what sticks to an edge of it does not hide what is below."""
    height: int = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": viewport["width"], "height": max(height, viewport["height"])})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("scenes", nargs="*", help="which ones (default: all, and the pictures of the README)")
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        shop = Shop(make_settings(Path(data) / "orders.db", ADMIN_PASSWORD=PASSWORD, SHOPIFY_STORE_DOMAIN="sari-house"))
        browser = playwright.chromium.launch(**start_options())
        with Site(shop.app) as site:
            for name in [each for each in wanted.scenes or SCENES if each != SANDBOX]:
                for width in WIDTHS:
                    if width == "narrow" or not SCENES[name].narrow:
                        take(browser, shop, site, SCENES[name], width, wanted.folder / name)
            if not wanted.scenes or SANDBOX in wanted.scenes:
                take_sandbox(browser, wanted.folder / SANDBOX)
            if not wanted.scenes:
                take_for_readme(browser, shop, site)
        browser.close()
        shop.close()


if __name__ == "__main__":
    main()
