"""The document of the API held against the server by schemathesis: what it promises, and what it says is no good.

Once with whatever ids come along, and once with those of an order and a trial that are there.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from installation import HTTP, Installation
from ordercall.sandbox.orders import make_order
from waiting import until

pytestmark = pytest.mark.journey

PROGRAM = [sys.executable, "-m", "schemathesis.cli"]
TOKEN = "the-token-of-programs-in-public"
ORDER = make_order(1001)
CONFIG = """
[parameters]
shopify_id = {shopify_id}
trial_id = 1
"""


@pytest.fixture
def server(install: Callable[..., Installation]) -> Installation:
    """An installation as on a server, with an order that was called and a trial of a policy."""
    secrets = {"ADMIN_PASSWORD": "nine lions of the tests", "FLASK_SECRET_KEY": "8f3a7Qz9.kW2v-Lm4-8f3a7Qz9.kW2v-Lm4"}
    shop = install(APP_ENV="production", SYNC_API_TOKEN=TOKEN, **secrets)
    shop.start()
    shop.wait_for_workers()
    shop.deliver(ORDER)
    HTTP.post(f"{shop.url}/api/policy/trials", json={}, headers={"X-App-Token": TOKEN})
    until(lambda: shop.on_campaign() == 1, "its customer is called")
    return shop


@pytest.mark.parametrize("known", [False, True], ids=["any ids", "ids that are there"])
def test_the_server_does_what_its_document_says(server: Installation, tmp_path: Path, known: bool) -> None:
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG.format(shopify_id=ORDER["id"]) if known else "")
    options = {
        "--header": f"X-App-Token: {TOKEN}",
        "--phases": "coverage,fuzzing",
        "--max-examples": "5",
        "--seed": "1",
        # No schema tells a text from a phone number or a time to come, so some of what it takes for good is refused.
        "--exclude-checks": "positive_data_acceptance",
        "--workers": "2",
    } | ({"--include-path-regex": "_id}"} if known else {})
    arguments = [part for option in options.items() for part in option]

    done = subprocess.run(
        [*PROGRAM, "--config-file", str(config), "run", *arguments, "--no-color", f"{server.url}/api/openapi.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    assert " passed" in done.stdout
