"""Somebody on call is told once when a state begins and once when it ends, and the page shows how that went."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from api_calls import set_status
from flask.testing import FlaskClient
from reporting import ring

from belting import buckle
from databases import ask
from mail_server import MailServer, mail_server
from ordercall.bootstrap.alerts import alert_watch
from ordercall.doctor.alerts import alerts as doctor
from ordercall.domain.alerts import Alert
from ordercall.domain.audit import Act
from ordercall.jobs.engine import JobEngine
from ordercall.services.alert_watch import AlertWatch
from ordercall.storage.engine import sqlite_database
from ordercall.storage.records import audit
from reading import look
from stub import Stub
from web_app import NOON, Shop, send_form

PATH = "/settings/alerts"
ALIVE = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (CURRENT_TIMESTAMP)"
GONE = "DELETE FROM procrastinate_workers"
SILENT = "INSERT INTO silent_providers (provider, since) VALUES ('{}', 0)"
ANSWERS = "DELETE FROM silent_providers"
REFUSED = "INSERT INTO refused_credentials VALUES ('Kalimera', 'KALIMERA_AUTH_TOKEN', '401 for +919876543210', 0)"
ON_THE_LIST = ("DELETE FROM procrastinate_jobs", "UPDATE orders SET calling_state = 'listed'")
OLD_HOLD = (
    "INSERT INTO order_holds (shopify_id, wanted_at, held, by_others, again)"
    " SELECT shopify_id, 0, '[]', 0, 0 FROM orders"
)


@pytest.fixture(scope="module")
def running_mail() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def shop(new_shop: Callable[..., Shop], running_mail: MailServer, running_stub: Stub) -> Shop:
    """A shop that tells by mail and at an address of its own."""
    running_mail.forget()
    running_stub.forget()
    return new_shop(
        ALERT_EMAIL_TO="on-call@shop.example",
        SMTP_URL=running_mail.url,
        ALERT_URL=running_stub.url,
        ALERT_URL_SECRET="a secret of ours",
        PUBLIC_URL="https://ordercall.example",
    )


@pytest.fixture
def mail(running_mail: MailServer) -> MailServer:
    return running_mail


@pytest.fixture
def hook(running_stub: Stub) -> Stub:
    return running_stub


def run(shop: Shop, *statements: str) -> None:
    with shop.db.begin() as tx:
        for statement in statements:
            tx.exec_driver_sql(statement)


def watch(shop: Shop, minutes: int) -> None:
    """Look each minute."""
    for _ in range(minutes):
        shop.pass_time(minutes=1)
        shop.context.alerts.look()


def another(shop: Shop) -> AlertWatch:
    """Return the watch of another process, or of one that has just started."""
    return alert_watch(shop.settings, shop.db, JobEngine(shop.db), shop.context.decisions, shop.context.clock)


def posted(hook: Stub) -> list[tuple[str, str]]:
    bodies: list[Any] = [json.loads(body) for _, _, _, body in hook.requests]
    return [(told["alert"], told["stage"]) for told in bodies]


def queued(shop: Shop) -> None:
    """Let a job wait since an hour ago that could start."""
    since = f"{shop.now.astimezone(UTC) - timedelta(hours=1):%Y-%m-%d %H:%M:%S}"
    with shop.db.begin() as tx:
        JobEngine(shop.db).reconcile(tx)
        ask(tx, f"UPDATE procrastinate_events SET at = '{since}'")  # noqa: S608


def froze(shop: Shop) -> None:
    """A program makes an order Failed, and its cancel is one too many."""
    buckle(shop, delay=timedelta(minutes=30))
    order_id = ring(shop)
    assert set_status(shop.client(), order_id, "Failed").status_code == 200
    shop.change(order_id, cancel_state="frozen")
    run(shop, "UPDATE program_cancels SET frozen_at = 1, due_at = NULL", "DELETE FROM procrastinate_jobs")


def held(shop: Shop) -> None:
    shop.receive()
    run(shop, OLD_HOLD, *ON_THE_LIST)


def quiet(shop: Shop) -> None:
    """Let twelve orders have come in these hours of each week, and the last of this week long ago."""
    for week in range(5):
        for number in range(14 if week else 1):
            order_id = shop.receive(2000 + 100 * week + number)
            at = NOON.timestamp() - 7_200 - week * 604_800 + 60 * number * bool(week) + 60
            run(shop, f"UPDATE deliveries SET received_at = {at} WHERE shopify_id = {order_id}")  # noqa: S608
    run(shop, *ON_THE_LIST)


def heard(shop: Shop) -> None:
    shop.receive(1999)
    run(shop, *ON_THE_LIST)


Deed = Callable[[Shop], object]
KINDS: dict[Alert, tuple[Deed, Deed]] = {
    Alert.WORKER: (lambda shop: run(shop, GONE), lambda shop: run(shop, ALIVE)),
    Alert.WEBHOOKS: (quiet, heard),
    Alert.CALLS: (lambda shop: run(shop, SILENT.format("Kalimera")), lambda shop: run(shop, ANSWERS)),
    Alert.SHOPIFY: (lambda shop: run(shop, SILENT.format("Shopify")), lambda shop: run(shop, ANSWERS)),
    Alert.CREDENTIALS: (
        lambda shop: run(shop, REFUSED),
        lambda shop: run(shop, "DELETE FROM refused_credentials"),
    ),
    Alert.CANCELS: (froze, lambda shop: run(shop, "UPDATE orders SET cancel_state = NULL")),
    Alert.QUEUE: (queued, lambda shop: run(shop, "DELETE FROM procrastinate_jobs")),
    Alert.HOLDS: (held, lambda shop: run(shop, "UPDATE order_holds SET released_at = 1")),
}


@pytest.mark.parametrize("alert", KINDS)
def test_each_state_is_told_when_it_begins_and_when_it_ends_and_not_between(
    shop: Shop, mail: MailServer, hook: Stub, alert: Alert
) -> None:
    begins, ends = KINDS[alert]
    run(shop, ALIVE)
    begins(shop)
    watch(shop, int(alert.hold) // 60)
    too_early = len(mail.letters)
    watch(shop, 6)
    ends(shop)
    watch(shop, 16)

    assert too_early == 0
    assert mail.subjects == [f"Ordercall: {alert.told}", f"Ordercall: {alert.over}"]
    assert posted(hook) == [(alert, "begun"), (alert, "ended")]
    assert f"https://ordercall.example/settings/alerts#{alert}" in mail.letters[0].get_content()
    assert "98765" not in mail.letters[0].get_content()


@pytest.mark.sqlite
def test_a_disk_that_is_nearly_full_is_told(shop: Shop, mail: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    run(shop, ALIVE)
    with monkeypatch.context() as small:
        small.setattr(sqlite_database, "LITTLE_SPACE", 2**70)
        watch(shop, 7)
    watch(shop, 7)

    assert mail.subjects == ["Ordercall: The disk is nearly full", "Ordercall: The disk has room again"]
    assert "GB free" in mail.letters[0].get_content()


@pytest.mark.sqlite
def test_that_nothing_can_be_stored_is_told_without_the_database(
    new_shop: Callable[..., Shop], mail: MailServer, hook: Stub
) -> None:
    mail.forget()
    shop = new_shop(ALERT_EMAIL_TO="on-call@shop.example", SMTP_URL=mail.url, DISPLAY_LOCALE="en_GB")
    run(shop, ALIVE)
    folder = Path(shop.settings.database_path).parent
    folder.rename(folder.with_name("elsewhere"))
    watch(shop, 5)
    folder.with_name("elsewhere").rename(folder)
    watch(shop, 5)

    assert mail.subjects == ["Ordercall: Nothing can be stored", "Ordercall: Orders can be stored again"]


def test_what_comes_and_goes_is_told_to_nobody(shop: Shop, mail: MailServer) -> None:
    run(shop, ALIVE)
    for _ in range(6):
        run(shop, REFUSED)
        watch(shop, 2)
        run(shop, "DELETE FROM refused_credentials")
        watch(shop, 1)

    assert mail.subjects == []


def test_of_two_processes_one_tells(shop: Shop, mail: MailServer, hook: Stub) -> None:
    second = another(shop)
    for _ in range(6):
        watch(shop, 1)
        second.look()

    assert mail.subjects == ["Ordercall: No worker is running"]
    assert posted(hook) == [("worker", "begun")]


def test_a_start_in_between_changes_nothing(shop: Shop, mail: MailServer) -> None:
    for _ in range(6):
        shop.pass_time(minutes=1)
        another(shop).look()

    assert mail.subjects == ["Ordercall: No worker is running"]


def test_while_no_worker_runs_nothing_is_said_of_what_only_a_worker_knows(shop: Shop, mail: MailServer) -> None:
    queued(shop)
    run(shop, REFUSED, SILENT.format("Kalimera"))
    watch(shop, 15)

    assert mail.subjects == ["Ordercall: No worker is running"]


def test_a_channel_that_fails_is_tried_again_in_order_and_holds_up_no_other(
    shop: Shop, person: FlaskClient, mail: MailServer, hook: Stub
) -> None:
    hook.answers({}, status=503)
    run(shop, GONE)
    watch(shop, 4)
    run(shop, ALIVE)
    watch(shop, 5)
    failing = look(person, PATH).text
    tried = len(hook.requests)
    findings = [str(finding) for finding in doctor(shop.settings, shop.now)]
    hook.forget()
    watch(shop, 40)

    assert len(mail.letters) == 2
    assert posted(hook) == [("worker", "begun"), ("worker", "ended")]
    assert tried < 6
    assert "Not delivered yet after tries" in failing
    assert any("it answered 503" in finding for finding in findings)


def test_what_nobody_takes_for_a_day_is_given_up(shop: Shop, person: FlaskClient, hook: Stub) -> None:
    hook.answers({}, status=404)
    watch(shop, 4)
    for _ in range(30):
        shop.pass_time(hours=1)
        shop.context.alerts.look()
    before = len(hook.requests)
    watch(shop, 90)

    assert len(hook.requests) == before
    assert "Not delivered after tries" in look(person, PATH).text


def test_an_owner_has_a_test_sent_and_sees_what_came_of_it(shop: Shop, person: FlaskClient, mail: MailServer) -> None:
    answer = send_form(person, f"{PATH}/test", channel="e-mail")
    waits = look(person, PATH).text
    watch(shop, 1)

    assert answer.status_code == 303
    with shop.db.read() as tx:
        assert [row.about for row in audit.newest(tx, audit.Wanted(act=Act.ALERT_TESTED))] == ["e-mail"]
    assert "On the way: 1." in waits
    assert mail.subjects == ["Ordercall: A test of alerts"]
    assert "delivered." in look(person, PATH).text


def test_a_channel_that_is_not_set_cannot_be_tried(shop: Shop, person: FlaskClient) -> None:
    assert send_form(person, f"{PATH}/test", channel="Slack").status_code == 400


def test_the_page_shows_no_secret_and_since_when_what_is_so(shop: Shop, person: FlaskClient, hook: Stub) -> None:
    watch(shop, 5)
    page = look(person, PATH)

    assert "so since" in page.one("li", id="worker").text
    assert "never so far" in page.one("li", id="disk").text
    assert "a secret of ours" not in page.source
    assert hook.url not in page.source
