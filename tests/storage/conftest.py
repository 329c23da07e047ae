"""Where the file of a test lies that is made by the test itself."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shopify_orders.db"
