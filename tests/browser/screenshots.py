"""Pictures of every page and state, light and dark, wide and narrow: ``make screenshots``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from busy_day import NOW
from chromium import NARROW, PASSWORD, WIDE, person, start_options
from open_site import Site
from scenes import SCENES, Scene

from makers import make_settings
from web_app import Shop

WIDTHS = {"wide": WIDE, "narrow": NARROW}
THEMES = ("light", "dark")


def take(browser: Browser, shop: Shop, site: Site, scene: Scene, width: str, into: Path) -> None:
    """Write a picture of one scene in each theme."""
    shop.start_anew()
    shop.now = NOW
    scene.fill(shop)
    context = browser.new_context(**person(shop, site) | {"viewport": WIDTHS[width]})
    context.clock.install(time=shop.now)
    page = context.new_page()
    scene.open(page, shop)
    stretch(page, WIDTHS[width])
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.screenshot(path=into.with_name(f"{into.name}-{width}-{theme}.png"))
    context.close()


def stretch(page: Page, viewport: ViewportSize) -> None:
    """Make the window as high as the page, so that what sticks to an edge of it does not hide what is below."""
    height: int = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": viewport["width"], "height": max(height, viewport["height"])})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("scenes", nargs="*", help="which ones (default: all)")
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        shop = Shop(make_settings(Path(data) / "orders.db", ADMIN_PASSWORD=PASSWORD))
        browser = playwright.chromium.launch(**start_options())
        with Site(shop.app) as site:
            for name in wanted.scenes or SCENES:
                for width in WIDTHS:
                    if width == "narrow" or not SCENES[name].narrow:
                        take(browser, shop, site, SCENES[name], width, wanted.folder / name)
        browser.close()
        shop.db.close()


if __name__ == "__main__":
    main()
