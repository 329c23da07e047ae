"""``ordercall doctor``: what it sees, on a real database and against the sandbox."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest

from ordercall.config import Settings, read_settings
from ordercall.doctor import Finding, Grade, examine
from ordercall.domain.calling import INDIA
from ordercall.domain.subscriptions import ASKED_FOR
from ordercall.intake.signature import Cause, NamedSecret
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.server import run_in_thread
from ordercall.sandbox.shopify import FakeShopify
from ordercall.storage import refusals
from ordercall.storage.sqlite_database import SQLiteDatabase
from ports import free_port

pytestmark = pytest.mark.sqlite

FULL = {
    "APP_ENV": "production",
    "FLASK_SECRET_KEY": "a long secret of this test",
    "SYNC_API_TOKEN": "a long token of this test",
    "ADMIN_PASSWORD": "a long password of this test",
    "SHOPIFY_SHARED_SECRET": "a long shared secret of this test",
    "SHOPIFY_STORE_DOMAIN": "sandbox-shop",
    "SHOPIFY_ACCESS_TOKEN": "sandbox-access-token",
    "KALIMERA_AUTH_TOKEN": "Bearer sandbox-token",
    "KALIMERA_CAMPAIGN_ID": "campaign-1",
    "KALIMERA_AGENT_ID_EN": "agent-en",
    "KALIMERA_AGENT_ID_HI": "agent-hi",
    "KALIMERA_TIMEOUT_SECONDS": "10",
    "PUBLIC_URL": "https://ordercall.example",
}
HERE = "https://ordercall.example/shopify/webhook"


class Practice:
    """An installation to be examined: its settings, its database, and the providers it talks to."""

    def __init__(self, folder: Path, fresh: Path, url: str, kalimera: FakeKalimera, shopify: FakeShopify) -> None:
        self.path = folder / "orders.db"
        self._fresh = fresh
        self.kalimera = kalimera
        self.shopify = shopify
        self.environment = FULL | {
            "DATABASE_PATH": str(self.path),
            "KALIMERA_CONTACT_URL": f"{url}/kalimera/contact",
            "SHOPIFY_ADMIN_URL": f"{url}/shopify",
        }

    def subscribe(self, *topics: str, uri: str = HERE) -> None:
        for topic in topics:
            self.shopify.subscriptions.create(topic, uri, "2026-10")

    def make_database(self) -> None:
        shutil.copy(self._fresh, self.path)
        self.path.chmod(0o600)

    def execute(self, statement: str, *values: Any) -> None:
        with closing(SQLiteDatabase(self.path)) as db, db.begin() as tx:
            tx.exec_driver_sql(statement, values)

    def beat(self, at: datetime) -> None:
        self.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (?)", stored(at))

    def queue_job(self, since: datetime, *, status: str = "todo", ready: int = 1) -> None:
        self.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, ready) VALUES ('q', 'task', ?, ?)",
            status,
            ready,
        )
        self.execute("UPDATE procrastinate_events SET at = ?", stored(since))

    def receive(self, secret_name: str, at: datetime) -> None:
        self.execute(
            "INSERT INTO deliveries (webhook_id, body_digest, headers, body, topic, outcome, secret_name, received_at)"
            " VALUES ('delivery-1', 'digest', '{}', '{}', 'orders/create', 'recorded', ?, ?)",
            secret_name,
            at.timestamp(),
        )

    def refuse(self, cause: Cause, number: int, at: datetime) -> None:
        with closing(SQLiteDatabase(self.path)) as db, db.begin() as tx:
            refusals.add(tx, {cause: number}, now=at)

    def settings(self, **changes: str) -> Settings:
        return read_settings(self.environment | changes)

    def examine(self, now: datetime | None = None, **changes: str) -> list[Finding]:
        return list(examine(self.settings(**changes), lambda: now or datetime.now(UTC)))


@pytest.fixture
def practice(tmp_path: Path, place: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Practice]:
    monkeypatch.chdir(tmp_path)
    kalimera, shopify = FakeKalimera(), FakeShopify()
    with run_in_thread(create_sandbox(kalimera, shopify)) as sandbox:
        yield Practice(tmp_path, Path(place["DATABASE_PATH"]), sandbox.url, kalimera, shopify)


def stored(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def bad(findings: list[Finding]) -> list[tuple[str, Grade]]:
    return [(finding.check, finding.grade) for finding in findings if finding.grade is not Grade.OK]


def said(findings: list[Finding], check: str) -> str:
    return " ".join(str(finding) for finding in findings if finding.check == check)


def test_a_running_installation_has_nothing_to_mend(practice: Practice) -> None:
    practice.make_database()
    practice.beat(datetime.now(UTC))
    practice.subscribe(*ASKED_FOR)

    assert bad(practice.examine()) == []


def test_looking_changes_nothing_at_the_providers(practice: Practice) -> None:
    practice.examine()

    assert {call.method for call in practice.kalimera.calls} <= {"GET", "HEAD"}
    assert all(call.body["query"].strip().startswith("query ") for call in practice.shopify.calls)


def test_a_wrong_token_is_told_with_how_to_mend_it(practice: Practice) -> None:
    findings = practice.examine(KALIMERA_AUTH_TOKEN="Bearer another")

    assert ("Kalimera token", Grade.FAILURE) in bad(findings)
    assert "Copy KALIMERA_AUTH_TOKEN again" in said(findings, "Kalimera token")


def test_the_token_itself_is_never_shown(practice: Practice) -> None:
    findings = practice.examine(KALIMERA_AUTH_TOKEN="Bearer another-secret")

    assert "another-secret" not in "".join(map(str, findings))


def test_a_silent_kalimera_is_told(practice: Practice) -> None:
    findings = practice.examine(KALIMERA_CONTACT_URL=f"http://127.0.0.1:{free_port()}/contact")

    assert ("Kalimera", Grade.FAILURE) in bad(findings)


def test_nobody_is_asked_who_was_not_set_up(practice: Practice) -> None:
    practice.examine(KALIMERA_AUTH_TOKEN="")

    assert practice.kalimera.calls == []


def test_missing_agents_are_named(practice: Practice) -> None:
    findings = practice.examine(KALIMERA_AGENT_ID_HI="")

    assert "KALIMERA_AGENT_ID_HI not set" in said(findings, "Kalimera")


@pytest.mark.parametrize(("minutes", "side"), [(10, "ahead of"), (-10, "behind")])
def test_a_clock_that_is_wrong_is_told(practice: Practice, minutes: int, side: str) -> None:
    findings = practice.examine(datetime.now(UTC) + timedelta(minutes=minutes))

    assert ("clock", Grade.FAILURE) in bad(findings)
    assert side in said(findings, "clock")


def test_a_look_at_the_database_that_takes_minutes_does_not_make_the_clock_wrong(practice: Practice) -> None:
    begun = datetime.now(UTC) - timedelta(minutes=5)
    times = chain([begun], repeat(datetime.now(UTC)))

    findings = list(examine(practice.settings(), lambda: next(times)))

    assert "agrees with Kalimera's" in said(findings, "clock")


def test_without_a_webhook_secret_it_says_that_every_webhook_is_refused(practice: Practice) -> None:
    findings = practice.examine(APP_ENV="development", SHOPIFY_SHARED_SECRET="")

    assert ("signature", Grade.FAILURE) in bad(findings)


def test_it_says_which_secret_signed_last_and_which_never_did(practice: Practice) -> None:
    practice.make_database()
    notifications = NamedSecret("notifications", "a long secret of the notifications")
    practice.receive(notifications.mark, datetime.now(UTC) - timedelta(hours=3))
    findings = practice.examine(SHOPIFY_NOTIFICATIONS_SECRET=notifications.value)

    assert "last signed with: shared never, notifications 3 h ago" in said(findings, "webhooks")


def test_after_a_switch_it_is_the_previous_secret_that_signed_last(practice: Practice) -> None:
    before = NamedSecret("shared", "the secret before the switch")
    practice.make_database()
    practice.receive(before.mark, datetime.now(UTC) - timedelta(minutes=3))
    findings = practice.examine(SHOPIFY_OLD_SHARED_SECRET=before.value)

    assert "last signed with: shared never, previous 3 min ago" in said(findings, "webhooks")


def test_refused_webhooks_are_told_with_their_likely_cause(practice: Practice) -> None:
    practice.make_database()
    practice.refuse(Cause.UNKNOWN_SECRET, 12, datetime.now(UTC) - timedelta(minutes=5))
    findings = practice.examine()

    assert ("webhooks", Grade.WARNING) in bad(findings)
    assert "12 were refused in a day, the last 5 min ago. Signed with another secret." in said(findings, "webhooks")


def test_refusals_of_another_day_are_forgotten(practice: Practice) -> None:
    practice.make_database()
    practice.beat(datetime.now(UTC))
    practice.refuse(Cause.MISSING, 1, datetime.now(UTC) - timedelta(hours=25))

    assert "webhooks" not in dict(bad(practice.examine()))


@pytest.mark.parametrize(
    ("column", "value", "grade", "words"),
    [
        ("missed_orders", 3, Grade.WARNING, "3 that no webhook had brought"),
        ("fault", "Shopify could not list the orders: 401", Grade.FAILURE, "could not be read"),
        ("silent", '{"orders/create": 0}', Grade.WARNING, "orders/create used to come often"),
        ("since", 0, Grade.WARNING, "60 days"),
    ],
)
def test_what_the_last_reading_of_the_shop_found_is_told(
    practice: Practice, column: str, value: Any, grade: Grade, words: str
) -> None:
    practice.make_database()
    now = datetime.now(UTC).timestamp()
    practice.execute(
        "INSERT INTO reconciliations (asked_by, started_at, since, ended_at) VALUES ('Ordercall', ?, ?, ?)",
        now,
        now,
        now,
    )
    practice.execute(f"UPDATE reconciliations SET {column} = ?", value)  # noqa: S608 - the tests' own words

    findings = practice.examine()

    assert ("missed webhooks", grade) in bad(findings)
    assert words in said(findings, "missed webhooks")


def test_a_reading_of_the_shop_that_comes_to_no_end_is_told(practice: Practice) -> None:
    practice.make_database()
    long_ago = datetime.now(UTC).timestamp() - 7_200
    practice.execute(
        "INSERT INTO reconciliations (asked_by, started_at, since) VALUES ('Ordercall', ?, ?)", long_ago, long_ago
    )

    assert "Shopify does not answer, or no worker runs" in said(practice.examine(), "missed webhooks")


def test_without_a_shopify_token_it_says_that_nothing_is_cancelled(practice: Practice) -> None:
    findings = practice.examine(SHOPIFY_ACCESS_TOKEN="")

    assert "No order can be cancelled: SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET" in said(findings, "Shopify")


def test_a_closed_version_of_shopify_is_told(practice: Practice) -> None:
    findings = practice.examine(SHOPIFY_API_VERSION="2024-07")

    assert [check for check, _ in bad(findings)].count("Shopify version") == 1
    assert "2024-07 was asked for, and 2026-01 answered" in said(findings, "Shopify version")


def test_a_token_that_shopify_does_not_take_is_told(practice: Practice) -> None:
    findings = practice.examine(SHOPIFY_ACCESS_TOKEN="another-secret-token")

    assert ("Shopify token", Grade.FAILURE) in bad(findings)
    assert "another-secret-token" not in "".join(map(str, findings))


def test_a_scope_that_is_missing_is_told_with_what_goes_without_it(practice: Practice) -> None:
    practice.shopify.tokens.scopes = ("read_orders",)

    findings = practice.examine()

    assert ("Shopify scopes", Grade.FAILURE) in bad(findings)
    assert "write_orders is missing: no order can be cancelled" in said(findings, "Shopify scopes")


@pytest.mark.parametrize("mode", ["frozen", "busy", "html", "down"])
def test_a_shopify_that_cannot_be_asked_is_one_line_of_the_report(practice: Practice, mode: str) -> None:
    practice.shopify.mode = mode

    findings = practice.examine()

    assert [grade for check, grade in bad(findings) if check == "Shopify"] == [Grade.FAILURE]
    assert "Shopify could not look at the app's scopes" in said(findings, "Shopify")


CREDENTIALS = {
    "APP_ENV": "development",
    "SHOPIFY_ACCESS_TOKEN": "",
    "SHOPIFY_CLIENT_ID": "sandbox-client-id",
    "SHOPIFY_CLIENT_SECRET": "sandbox-client-secret",
}


def test_an_app_of_the_dev_dashboard_is_asked_with_a_token_that_is_kept(practice: Practice) -> None:
    before = said(practice.examine(**CREDENTIALS), "Shopify token")
    practice.make_database()

    findings = practice.examine(**CREDENTIALS)

    assert "Shopify was not asked" in before
    assert "accepted by sandbox-shop.myshopify.com" in said(findings, "Shopify token")
    assert "orders of the last 60 days are shown" in said(findings, "Shopify scopes")


@pytest.mark.parametrize(
    ("there", "settings", "grade", "words"),
    [
        ((), {}, Grade.FAILURE, "orders/create missing; orders/updated missing"),
        ((), {"SHOPIFY_NOTIFICATIONS_SECRET": "made by hand"}, None, "those made by hand no app can see"),
        (("orders/create",), {}, Grade.WARNING, "Run: ordercall shopify connect"),
        (("orders/create",), {"PUBLIC_URL": ""}, Grade.WARNING, "asked for 1 webhook, and"),
        (ASKED_FOR, {}, None, "all 8 topics come here"),
    ],
    ids=["none", "by hand", "some", "no address", "all"],
)
def test_webhooks_that_do_not_come_here_are_told(
    practice: Practice, there: tuple[str, ...], settings: dict[str, str], grade: Grade | None, words: str
) -> None:
    practice.subscribe(*there)

    findings = practice.examine(**settings)

    assert dict(bad(findings)).get("subscriptions") is grade
    assert words in said(findings, "subscriptions")


def test_webhooks_that_stand_in_the_apps_own_configuration_are_no_failure(practice: Practice) -> None:
    practice.make_database()
    practice.receive("client", datetime.now(UTC) - timedelta(hours=2))

    findings = practice.examine()

    assert dict(bad(findings))["subscriptions"] is Grade.WARNING
    assert "which no app can see" in said(findings, "subscriptions")


def test_calls_at_night_are_worth_a_warning(practice: Practice) -> None:
    assert ("calling hours", Grade.WARNING) in bad(practice.examine(CALLING_HOURS="00:00-24:00"))


def test_closed_calling_hours_are_told_with_the_next_opening(practice: Practice) -> None:
    midnight = datetime(2026, 11, 24, 23, 30, tzinfo=INDIA)

    assert "closed; orders wait until Wed 09:00" in said(practice.examine(midnight), "calling hours")


def test_a_database_that_is_not_there_is_not_made(practice: Practice) -> None:
    findings = practice.examine()

    assert ("database", Grade.WARNING) in bad(findings)
    assert not practice.path.exists()


def test_older_tables_are_told_and_left_as_they_are(practice: Practice) -> None:
    practice.make_database()
    practice.execute("UPDATE alembic_version SET version_num = '0001'")

    findings = practice.examine()

    assert "ordercall db upgrade" in said(findings, "database")


def test_a_database_that_others_may_read_is_told(practice: Practice) -> None:
    practice.make_database()
    practice.path.chmod(practice.path.stat().st_mode | stat.S_IROTH)

    assert ("database", Grade.WARNING) in bad(practice.examine())


def test_a_file_of_settings_that_others_may_read_is_told(practice: Practice) -> None:
    Path(".env").write_text("PORT=5000\n")
    Path(".env").chmod(0o644)

    assert ("settings", Grade.WARNING) in bad(practice.examine())


def test_a_damaged_database_is_told(practice: Practice) -> None:
    practice.make_database()
    size = practice.path.stat().st_size
    with practice.path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * (size // 4))

    assert ("database", Grade.FAILURE) in bad(practice.examine())


def test_without_a_worker_it_says_that_nobody_is_called(practice: Practice) -> None:
    practice.make_database()

    assert "nobody is called" in said(practice.examine(), "worker")


@pytest.mark.parametrize(("minutes", "grade"), [(1, None), (10, Grade.WARNING), (60, Grade.FAILURE)])
def test_work_that_waits_too_long_is_told(practice: Practice, minutes: int, grade: Grade | None) -> None:
    now = datetime.now(UTC)
    practice.make_database()
    practice.beat(now)
    practice.queue_job(now - timedelta(minutes=minutes))

    assert dict(bad(practice.examine(now))).get("queue") is grade


def test_a_job_that_waits_for_its_time_is_not_late(practice: Practice) -> None:
    now = datetime.now(UTC)
    practice.make_database()
    practice.beat(now)
    practice.queue_job(now - timedelta(hours=8), ready=0)

    assert "no job waits" in said(practice.examine(now), "queue")


def test_jobs_that_are_tried_again_and_again_are_told(practice: Practice) -> None:
    now = datetime.now(UTC)
    practice.make_database()
    practice.queue_job(now - timedelta(hours=8), ready=0)
    practice.execute("UPDATE procrastinate_jobs SET task_name = 'cancel_order', attempts = 9")

    assert "1 job is tried again and again, the oldest for 480 min: cancel_order." in said(
        practice.examine(now), "queue"
    )


def test_jobs_that_were_given_up_are_counted(practice: Practice) -> None:
    practice.make_database()
    practice.queue_job(datetime.now(UTC), status="failed")

    assert "1 job ended" in said(practice.examine(), "queue")


@pytest.mark.parametrize(("token", "code"), [("Bearer sandbox-token", 0), ("Bearer another", 1)])
def test_the_command_ends_with_a_code_for_scripts(practice: Practice, token: str, code: int) -> None:
    practice.make_database()
    practice.subscribe(*ASKED_FOR)
    environment = {"PATH": os.environ["PATH"], **practice.environment, "KALIMERA_AUTH_TOKEN": token}

    program = Path(sys.executable).with_name("ordercall")
    ended = subprocess.run([program, "doctor"], env=environment, capture_output=True, text=True)

    assert ended.returncode == code, ended.stdout + ended.stderr
