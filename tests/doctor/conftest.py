"""An installation for the doctor to examine: its providers answer, its database is not there yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from practice import Practice

from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.server import run_in_thread
from ordercall.sandbox.shopify import FakeShopify


@pytest.fixture
def practice(tmp_path: Path, place: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Practice]:
    monkeypatch.chdir(tmp_path)
    kalimera, shopify = FakeKalimera(), FakeShopify()
    with run_in_thread(create_sandbox(kalimera, shopify)) as sandbox:
        yield Practice(tmp_path, Path(place["DATABASE_PATH"]), sandbox.url, kalimera, shopify)
