"""What everybody must know before they read on."""

from __future__ import annotations

from pathlib import Path

import pytest

from ordercall.config import read_settings
from web_app import Page, Shop


@pytest.mark.parametrize(("version", "shown"), [("2024-07", True), ("2026-10", False)])
def test_a_closed_version_of_shopify_is_announced(tmp_path: Path, version: str, shown: bool) -> None:
    environment = {"DATABASE_PATH": str(tmp_path / "orders.db"), "SHOPIFY_API_VERSION": version}
    page = Page(Shop(read_settings(environment)).person().get("/"))

    assert ("closed its API version" in " ".join(banner.text for banner in page.all("p", css="ban"))) is shown
