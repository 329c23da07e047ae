"""``GET /health``: whether an order could be stored, and why none can; and the pages while none can."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ordercall.sandbox.orders import make_order
from web_app import Shop, login, post_webhook


def test_it_is_well_while_an_order_could_be_stored(shop: Shop) -> None:
    answer = shop.client().get("/health")

    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


@pytest.fixture
def lost(shop: Shop, new_shop: Any) -> Iterator[Shop]:
    """A shop whose database was taken away with its folder, under a running program."""
    shop = new_shop(DISPLAY_LOCALE="en_GB")  # no other test has its file
    folder = Path(shop.settings.database_path).parent
    shop.person()
    folder.rename(folder.with_name("elsewhere"))
    yield shop
    folder.with_name("elsewhere").rename(folder)


@pytest.mark.sqlite
def test_it_says_why_no_order_can_be_stored(lost: Shop) -> None:
    answer = lost.client().get("/health")

    said = {"status": "DatabaseFault", "message": "The folder or disk of the database is gone, and nothing can be"}
    assert answer.status_code == 503
    assert {name: text[: len(said[name])] for name, text in answer.get_json().items()} == said


@pytest.mark.sqlite
def test_a_webhook_is_refused_with_the_reason_and_the_log_says_it_once(
    lost: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    answers = [post_webhook(lost.client(), json.dumps(make_order(number)).encode()) for number in (1, 2, 3)]

    assert [answer.status_code for answer in answers] == [503] * 3
    assert "folder or disk" in answers[0].get_json()["error"]["message"]
    assert [record.getMessage().count("folder or disk") for record in caplog.records] == [1]


@pytest.mark.sqlite
def test_whoever_is_logged_in_still_sees_the_pages(lost: Shop) -> None:
    assert lost.person().get("/").status_code == 200


@pytest.mark.sqlite
def test_the_right_password_opens_the_pages_and_guessing_ends_also_while_no_try_can_be_counted(lost: Shop) -> None:
    assert login(lost.client()).status_code == 302
    stranger = lost.client()

    answers = [login(stranger, password="wrong").status_code for _ in range(11)]

    assert answers == [401] * 10 + [429]
