"""``/health``, ``/healthz`` and ``/readyz``: what each answers while all is well, while something waits, while none can
be stored; and the pages meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ordercall.sandbox.orders import make_order
from ordercall.storage import migrations
from ordercall.storage.engine.database import LITTLE_SPACE
from ordercall.storage.records import refused_credentials, silent_providers
from web_app import Shop, login, post_webhook


def test_it_is_well_while_an_order_could_be_stored(shop: Shop) -> None:
    answer = shop.client().get("/health")

    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


def readiness(shop: Shop) -> tuple[int, dict[str, Any]]:
    shop.context.signals.readiness.forget()
    answer = shop.client().get("/readyz")
    return answer.status_code, answer.get_json()


def test_it_is_ready_without_a_worker_and_says_that_nobody_is_called(shop: Shop) -> None:
    status, said = readiness(shop)

    assert (status, said["status"], said["not_ready"]) == (200, "degraded", [])
    assert "worker" in said["degraded"]
    assert said["parts"]["worker"]["message"] == "No worker is seen, so nobody is called; what comes is stored."
    assert said["parts"]["database"]["state"] == said["parts"]["migrations"]["state"] == "ok"


def test_a_silent_provider_and_a_refused_token_leave_the_door_open_for_webhooks(shop: Shop) -> None:
    with shop.db.begin() as tx:
        silent_providers.begin(tx, "Kalimera", now=shop.now)
        refused_credentials.store(tx, "Shopify", "SHOPIFY_ACCESS_TOKEN", "no", now=shop.now)

    status, said = readiness(shop)

    assert status == 200
    assert {"kalimera", "shopify"} <= set(said["degraded"])
    assert post_webhook(shop.client(), json.dumps(make_order(1)).encode()).status_code == 200


def test_tables_that_are_ahead_keep_nobody_from_storing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "_newest", lambda: "of another version")

    status, said = readiness(shop)

    assert (status, said["parts"]["migrations"]["state"]) == (200, "degraded")


@pytest.mark.sqlite
def test_a_disk_with_little_room_is_told_before_it_is_full(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=LITTLE_SPACE - 1))

    status, said = readiness(shop)

    assert (status, said["parts"]["disk"]["state"]) == (200, "degraded")


def test_one_look_serves_all_who_ask_within_two_seconds(shop: Shop) -> None:
    first = readiness(shop)[1]
    with shop.db.begin() as tx:
        silent_providers.begin(tx, "Kalimera", now=shop.now)

    assert shop.client().get("/readyz").get_json() == first


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
def test_it_is_alive_and_not_ready_without_its_database(lost: Shop) -> None:
    status, said = readiness(lost)

    assert lost.client().get("/healthz").status_code == 200
    assert (status, said["status"], said["not_ready"]) == (503, "not_ready", ["database"])


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
