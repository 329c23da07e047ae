"""How the machine's Chromium is found and started, and who sits before it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from open_site import Site
from playwright.sync_api import ViewportSize

from web_app import Shop

ROOT = Path(__file__).parents[2]
WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}
QUIET = ["--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update"]
PASSWORD = "a-long-password"


def start_options() -> dict[str, Any]:
    """Return how Playwright starts the machine's Chromium; one is installed where that may be done."""
    found = subprocess.run([ROOT / "bin" / "find-chromium"], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    return {"executable_path": found.stdout.strip(), "args": QUIET}


def person(shop: Shop, site: Site) -> dict[str, Any]:
    """Return what a window is opened with for somebody at a desk in India who is logged in."""
    cookie = shop.person().get_cookie("session")
    assert cookie is not None
    session = {"name": "session", "value": cookie.value, "url": site.url}
    return {
        "base_url": site.url,
        "viewport": WIDE,
        "locale": "en-IN",
        "timezone_id": "Asia/Kolkata",
        "storage_state": {"cookies": [session], "origins": []},
    }
