"""``ordercall doctor``: what it sees of Kalimera, of a real database and of the work that waits."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from pathlib import Path

import pytest
from practice import Practice, bad, said

from command_line import run
from ordercall.config import SETTINGS
from ordercall.doctor import Grade, examine
from ordercall.domain.calls.calling import INDIA, CallingHours
from ordercall.domain.hidden_customers import ENOUGH
from ordercall.domain.policy.rules import OF_THE_ENVIRONMENT, Agent, Policy, When
from ordercall.providers.shopify.subscriptions import ASKED_FOR, OF_PARCELS
from ports import free_port

pytestmark = pytest.mark.sqlite


def test_a_running_installation_has_nothing_to_mend(practice: Practice) -> None:
    practice.make_database()
    practice.beat(datetime.now(UTC))
    practice.subscribe(*ASKED_FOR, *OF_PARCELS)

    assert bad(practice.examine()) == []


def test_looking_changes_nothing_at_the_providers(practice: Practice) -> None:
    practice.examine()

    assert {call.method for call in practice.kalimera.calls} <= {"GET", "HEAD"}
    assert all(call.body["query"].strip().startswith("query ") for call in practice.shopify.calls)


def test_a_wrong_token_is_told_with_how_to_mend_it(practice: Practice) -> None:
    findings = practice.examine(KALIMERA_AUTH_TOKEN="Bearer another")

    assert ("Kalimera token", Grade.FAILURE) in bad(findings)
    assert "Copy KALIMERA_AUTH_TOKEN again" in said(findings, "Kalimera token")


def test_names_that_are_not_ours_are_told(practice: Practice, tmp_path: Path) -> None:
    (file := tmp_path / "kalimera.toml").write_text('[contact]\nphone = "msisdn"')

    assert f"{file}: contact.phone is msisdn" in said(practice.examine(KALIMERA_CONTRACT=str(file)), "Kalimera names")


@pytest.mark.parametrize(
    "app", [{"SHOPIFY_CLIENT_ID": "an-id", "SHOPIFY_ACCESS_TOKEN": ""}, {"SHOPIFY_CLIENT_SECRET": ""}]
)
def test_no_secret_is_ever_shown(practice: Practice, app: dict[str, str]) -> None:
    secrets = {
        name: f"hush-{name}-0123456789abcdef"
        for name, setting in SETTINGS.items()
        if setting.secret and name != "DATABASE_URL"
    }
    secrets |= {"SMTP_URL": "smtp://hush", "ALERT_URL": "https://hush", "ALERT_SLACK_URL": "https://hush"}
    secrets |= {"OIDC_ISSUER": "https://issuer.example", "OIDC_CLIENT_ID": "it", "PUBLIC_URL": "https://shop.example"}
    practice.make_database()

    findings = practice.examine(**secrets | app)

    assert {"Kalimera token", "Shopify token"} <= {check for check, _ in bad(findings)}
    assert "hush" not in "".join(map(str, findings))


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


def test_calls_at_night_are_worth_a_warning(practice: Practice) -> None:
    assert ("calling hours", Grade.WARNING) in bad(practice.examine(CALLING_HOURS="00:00-24:00"))


def test_closed_calling_hours_are_told_with_the_next_opening(practice: Practice) -> None:
    midnight = datetime(2026, 11, 24, 23, 30, tzinfo=INDIA)

    assert "closed; orders wait until Wed 09:00" in said(practice.examine(midnight), "calling hours")


NAMED_BY_NOBODY = dict.fromkeys(("KALIMERA_AGENT_ID_EN", "KALIMERA_AGENT_ID_HI", "KALIMERA_CAMPAIGN_ID"), "")
AGENTS = tuple(Agent(language=each, agent_id=f"a-{each}", campaign_id="c-1") for each in OF_THE_ENVIRONMENT)


def test_agents_and_campaigns_may_be_named_by_the_policy_in_place_of_settings(practice: Practice) -> None:
    practice.make_database()
    before = practice.examine(**NAMED_BY_NOBODY)
    practice.publish(Policy(agents=AGENTS))

    findings = practice.examine(**NAMED_BY_NOBODY)

    assert f"Nobody is called: {', '.join(NAMED_BY_NOBODY)} not set." in said(before, "Kalimera")
    assert ("Kalimera", Grade.FAILURE) not in bad(findings)
    assert "English by campaign c-1, Hindi by campaign c-1" in said(findings, "Kalimera")


def test_two_languages_with_one_agent_are_worth_a_warning(practice: Practice) -> None:
    one = practice.examine(KALIMERA_AGENT_ID_EN="a-1", KALIMERA_AGENT_ID_HI="a-1")

    assert "English and Hindi are spoken by one agent" in said(one, "Kalimera")
    assert ("Kalimera", Grade.WARNING) in bad(one)
    assert ("Kalimera", Grade.WARNING) not in bad(practice.examine())


@pytest.mark.parametrize(
    ("way", "says", "mend"),
    [
        ("add", "a further call adds its contact once more", "Set KALIMERA_CALL_AGAIN=new-contact"),
        ("new-contact", "a further call makes a contact of its own", "It keeps one contact a phone"),
    ],
)
def test_how_a_customer_is_rung_again_is_told_and_whether_kalimera_refused_that(
    practice: Practice, way: str, says: str, mend: str
) -> None:
    practice.make_database()
    before = practice.examine(KALIMERA_CALL_AGAIN=way)
    practice.execute(
        "INSERT INTO orders (shopify_id, confirmation_status, calling_state, calling_reason, placed_at)"
        " VALUES (1, 'Placed', 'failed', 'already_listed', 1)"
    )

    findings = practice.examine(KALIMERA_CALL_AGAIN=way)

    assert f"{says} (KALIMERA_CALL_AGAIN={way})" in said(before, "Kalimera")
    assert ("Kalimera", Grade.WARNING) not in bad(before)
    assert "It did not ring 1 customers again" in said(findings, "Kalimera")
    assert mend in "".join(map(str, findings))


def test_what_neither_settings_nor_policy_name_is_missing(practice: Practice) -> None:
    practice.make_database()
    practice.publish(Policy(agents=AGENTS[:1]))

    assert "Nobody is called: KALIMERA_AGENT_ID_HI, KALIMERA_CAMPAIGN_ID not set." in said(
        practice.examine(**NAMED_BY_NOBODY), "Kalimera"
    )
    assert ("Kalimera", Grade.FAILURE) not in bad(practice.examine())


def test_the_hours_are_those_of_the_policy(practice: Practice) -> None:
    practice.make_database()
    practice.publish(Policy(when=When(week=(CallingHours.parse("10:00-12:00"),) * 7)))
    midnight = datetime(2026, 11, 24, 23, 30, tzinfo=INDIA)

    assert "closed; orders wait until Wed 10:00" in said(practice.examine(midnight), "calling hours")


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


def test_a_job_that_seems_to_hang_is_told(practice: Practice) -> None:
    now = datetime.now(UTC)
    practice.make_database()
    practice.beat(now)
    practice.queue_job(now - timedelta(minutes=12))
    practice.execute("UPDATE procrastinate_events SET type = 'started'")
    practice.execute("DROP TRIGGER procrastinate_job_status")
    practice.execute("UPDATE procrastinate_jobs SET task_name = 'cancel_order', status = 'doing'")

    assert "Job 1 (cancel_order) has run for 12 min, and seems to hang." in said(practice.examine(now), "worker")


def test_jobs_that_were_given_up_are_counted(practice: Practice) -> None:
    practice.make_database()
    practice.queue_job(datetime.now(UTC), status="failed")

    assert "1 job ended" in said(practice.examine(), "queue")


@pytest.mark.parametrize(("token", "code"), [("Bearer sandbox-token", 0), ("Bearer another", 1)])
def test_the_command_ends_with_a_code_for_scripts(practice: Practice, token: str, code: int) -> None:
    practice.make_database()
    practice.subscribe(*ASKED_FOR, *OF_PARCELS)

    ended = run(practice.path.parent, "doctor", **practice.environment | {"KALIMERA_AUTH_TOKEN": token})

    assert ended.code == code, ended.stdout + ended.stderr


def test_a_credential_that_the_worker_was_refused_is_told_with_its_setting(practice: Practice) -> None:
    practice.make_database()
    practice.execute("INSERT INTO refused_credentials VALUES ('Kalimera', 'KALIMERA_AUTH_TOKEN', '401', 0)")

    findings = practice.examine(now=datetime.fromtimestamp(600, UTC))

    assert "Kalimera has not accepted KALIMERA_AUTH_TOKEN for 10 min: 401." in said(findings, "credentials")
    assert "Put KALIMERA_AUTH_TOKEN right and start the worker again." in said(findings, "credentials")


def test_a_campaign_that_a_person_paused_is_told_with_what_to_do(practice: Practice) -> None:
    practice.make_database()
    practice.execute("INSERT INTO paused_campaigns VALUES ('autumn', 0, 0)")

    findings = practice.examine(now=datetime.fromtimestamp(600, UTC))

    assert "Campaign autumn has been paused at Kalimera for 10 min; orders wait: 0." in said(findings, "campaign")


@pytest.mark.parametrize(
    ("name", "told"),
    [(None, "Shopify hides from this app who the customers are"), ("Asha", "Shopify shows this app no phone")],
)
def test_a_shop_that_hides_its_customers_or_phones_is_told_with_where_to_mend_it(
    practice: Practice, name: str | None, told: str
) -> None:
    practice.make_database()
    add = "INSERT INTO orders (shopify_id, placed_at, first_name, city, is_cod) VALUES (?, ?, ?, 'Pune', 1)"
    for number in range(1, ENOUGH):
        practice.execute(add, number, number, name)
    before = practice.examine()
    practice.execute(add, ENOUGH, ENOUGH, name)

    findings = practice.examine()

    assert ("customer data", Grade.FAILURE) not in bad(before)
    assert ("customer data", Grade.FAILURE) in bad(findings)
    assert "Protected customer data access" in said(findings, "customer data")
    assert told in said(findings, "customer data")
