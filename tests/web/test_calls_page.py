"""The page for the shop: its curl lines do what it says they do."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from api_calls import TOKEN
from reporting import PHONE, ring, status, stored

from makers import ORDER_ID
from ordercall.domain.reports.fates import Fate
from ordercall.domain.reports.report import KEYS, Answer, Completion, Connection
from source import ROOT
from web_app import Shop
from wire import Address

PAGE = (ROOT / "docs" / "calls.md").read_text()
CURLS = re.findall(r"^    (curl (?:.*\\\n)*.*(?:\n +\".*)*)", PAGE, re.MULTILINE)
SECRET = "an-address-that-nobody-guesses"
REPORT, ADDRESS, LOOK_UP, STATUS, LIST = range(5)


@pytest.fixture
def shop(new_shop: Callable[..., Shop]) -> Shop:
    return new_shop(OUTCOMES_SECRET=SECRET)


def run(line: str, address: Address) -> httpx.Response:
    """Carry out a line as curl would."""
    variables = {
        "$ORDERCALL": f"http://{address[0]}:{address[1]}",
        "$SYNC_API_TOKEN": TOKEN["X-App-Token"],
        "$OUTCOMES_SECRET": SECRET,
    }
    for name, value in variables.items():
        line = line.replace(name, value)
    words = shlex.split(line.replace("\\\n", " "))[1:]
    options: dict[str, Any] = {"method": "GET", "headers": {}}
    rest = iter(words)
    for word in rest:
        if word == "-X":
            options["method"] = next(rest)
        elif word == "-H":
            name, _, value = next(rest).partition(": ")
            options["headers"][name] = value
        elif word == "-d":
            options["content"] = next(rest).encode()
        else:
            options["url"] = word
    return httpx.request(**options, trust_env=False)


def test_the_page_has_a_line_for_each_way() -> None:
    assert len(CURLS) == 5


def test_the_lines_of_the_page_do_what_it_says(shop: Shop, address_of: Callable[[Shop], Address]) -> None:
    address = address_of(shop)
    assert ring(shop, 1001, contact="c-7") == ORDER_ID

    kept, looked_up = run(CURLS[ADDRESS], address), run(CURLS[LOOK_UP], address)
    applied = run(CURLS[REPORT], address)
    again, listed = run(CURLS[STATUS], address), run(CURLS[LIST], address)

    assert (kept.status_code, kept.json()["fate"]) == (200, "kept")
    assert [order["shopify_id"] for order in looked_up.json()["orders"]] == [ORDER_ID]
    assert (applied.status_code, applied.json()["fate"], status(shop, ORDER_ID)) == (200, "applied", "Success")
    assert (again.status_code, again.json()["new_status"]) == (200, "Success")
    assert (listed.status_code, listed.json()["reports"]) == (200, [])
    assert len(stored(shop)) == 3
    assert PHONE not in listed.text


def test_the_page_names_every_key_word_and_fate() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE))

    assert {*KEYS, *Connection, *Completion, *Answer, *Fate} - {"force"} <= named
