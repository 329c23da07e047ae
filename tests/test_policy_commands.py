"""The commands that look after the policy, as a person types them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from makers import make_settings
from ordercall.cli import cli
from ordercall.domain.calls.calling import INDIA
from ordercall.services import policy_trial
from web_app import Shop


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.chdir(tmp_path)
    return {"DATABASE_PATH": str(tmp_path / "orders.db"), "MAX_ORDER_AGE_HOURS": "48"}


def run(environment: dict[str, str], *arguments: str, answers: str = "") -> Result:
    return CliRunner().invoke(cli, ["policy", *arguments], env=environment, input=answers)


def test_the_policy_is_shown_with_what_the_environment_holds(environment: dict[str, str]) -> None:
    shown = run(environment, "show")

    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith("# Version 1, published by settings.\n")
    assert "# Held by MAX_ORDER_AGE_HOURS in the environment: what stands here is not read.\nmax_age_hours = 48" in (
        shown.output
    )


def test_a_draft_is_edited_tried_and_published(environment: dict[str, str], tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/window_minutes = 120/window_minutes = 90/' \"$1\"\n")
    editor.chmod(0o755)

    edited = run(environment | {"EDITOR": str(editor)}, "edit")
    tried = run(environment, "try", "--days", "30")
    published = run(environment, "publish", "--yes")

    assert edited.exit_code == tried.exit_code == published.exit_code == 0, edited.output + tried.output
    assert "when.window_minutes: 120 → 90" in edited.output
    assert "0 orders of the last 30 days" in tried.output
    assert "Version 2 is in force." in published.output
    assert "window_minutes = 90" in run(environment, "show").output


def test_hours_in_india_before_nine_or_after_twenty_one_are_asked_about(
    environment: dict[str, str], tmp_path: Path
) -> None:
    hours = "".join(f'{day} = "08:00-20:00"\n' for day in ("monday", "tuesday", "wednesday", "thursday", "friday"))
    (tmp_path / "policy.toml").write_text(
        f'[when.hours]\n{hours}saturday = "09:00-21:00"\nsunday = "closed"\n', encoding="utf-8"
    )

    refused = run(environment, "publish", answers="n\n")
    published = run(environment, "publish", answers="y\n")
    again = run(environment, "publish", answers="y\n")

    told = "Monday, Tuesday, Wednesday, Thursday, Friday: people in India would be rung before 9:00 or after 21:00."
    assert told in refused.output
    assert "Version 2" not in refused.output
    assert "Version 2 is in force." in published.output
    assert told not in again.output


def test_a_trial_lists_each_order_that_would_have_been_another(environment: dict[str, str], tmp_path: Path) -> None:
    draft = tmp_path / "policy.toml"
    draft.write_text('[who]\npayment = "to_collect"\n')
    shop = Shop(make_settings(**environment))
    shop.now = datetime.now(INDIA) - timedelta(minutes=1)
    shop.receive(1001)
    shop.receive(1002, financial_status="paid", payment_gateway_names=["razorpay"], total_outstanding="0.00")
    shop.close()

    tried = run(environment, "try", "--days", "7", "--list")

    assert tried.exit_code == 0, tried.output
    assert "2 orders of the last 7 days, by this draft of version 1:" in tried.output
    assert "         1  Called → Paid\n" in tried.output
    assert tried.output.endswith("#1002: Called → Paid\n")


def test_ctrl_c_stops_a_trial_and_tells_what_it_came_to(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(make_settings(DATABASE_PATH=environment["DATABASE_PATH"]), now=datetime.now(INDIA))
    for number in (1001, 1002, 1003):
        shop.receive(number, created_at=(shop.now - timedelta(hours=1)).isoformat())
    shop.close()
    (tmp_path / "policy.toml").write_text('[who]\npayment = "to_collect"\n', encoding="utf-8")
    monkeypatch.setattr(policy_trial, "STEP", 1)
    rests = iter([None])

    def rest(_seconds: float) -> None:
        if next(rests, "enough") == "enough":
            raise KeyboardInterrupt

    monkeypatch.setattr(policy_trial.time, "sleep", rest)

    stopped = run(environment, "try")

    assert stopped.exit_code == 130, stopped.output
    assert "2 orders of the last 30 days (stopped, of 3), by this draft" in stopped.output


def test_a_draft_that_cannot_be_used_is_not_published(environment: dict[str, str], tmp_path: Path) -> None:
    draft = tmp_path / "policy.toml"
    draft.write_text('[who]\npayment = "cod"\n')

    refused = run(environment, "publish", "--yes")

    assert refused.exit_code == 1
    assert 'who.payment is "cod"; write "all" or "to_collect" or "gateways".' in refused.output
    assert run(environment, "show").output.startswith("# Version 1")


def test_a_draft_is_published_only_with_a_yes(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("[when]\nwindow_minutes = 90\n")

    assert "Version" not in run(environment, "publish", answers="n\n").output
    assert "Version 2 is in force." in run(environment, "publish", answers="y\n").output


def test_what_is_published_is_what_was_shown_though_the_file_was_saved_meanwhile(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = tmp_path / "policy.toml"
    draft.write_text("[when]\nwindow_minutes = 90\n")
    monkeypatch.setattr(click, "confirm", lambda _question: draft.write_text("[belt]\ncancel = 'off'\n") > 0)

    assert "Version 2 is in force." in run(environment, "publish").output

    in_force = run(environment, "show").output
    assert "window_minutes = 90" in in_force
    assert 'cancel = "on"' in in_force


def test_cancels_that_would_leave_sooner_are_named_before_the_question(
    environment: dict[str, str], tmp_path: Path
) -> None:
    draft = tmp_path / "policy.toml"
    draft.write_text("[belt]\ndelay_minutes = 60\npaid = true\n")
    run(environment, "publish", "--yes")
    draft.write_text("[belt]\ndelay_minutes = 5\npaid = true\n")

    asked = run(environment, "publish", answers="n\n").output

    told = "They wait, in minutes: orders would be cancelled in Shopify sooner, or more of them."
    assert told in asked
    assert "Version 3" not in asked


def test_all_calls_are_paused_and_resumed(environment: dict[str, str]) -> None:
    def calls(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["calls", *arguments], env=environment)

    until = datetime.now(INDIA) + timedelta(days=30)
    paused = calls("pause", "--why", "The price is wrong.", "--until", f"{until:%Y-%m-%dT%H:%M}")
    lasting = calls("pause")
    resumed = [calls("resume").output for _ in range(2)]

    assert paused.output == f"Calls are paused until {until:%d %b, %H:%M} India time.\n"
    assert lasting.output == "Calls are paused until somebody resumes.\n"
    assert resumed == ["Calls go on. Orders that waited: 0.\n", "Calls were not paused.\n"]
    assert "'soon' is no time; write 2026-11-30T09:00." in calls("pause", "--until", "soon").output


def test_a_years_holidays_are_taken_over_into_the_draft_and_published(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "policy.toml").write_text('[when]\nholidays = ["2027-03-01"]\nwindow_minutes = 90\n')

    taken = run(environment, "holidays", "2027", "--state", "GJ")
    published = run(environment, "publish", "--yes")

    assert taken.exit_code == published.exit_code == 0, taken.output + published.output
    assert "2027-01-26  Republic Day\n" in taken.output
    assert "2027-01-15  Uttarayan\n" in taken.output
    shown = run(environment, "show").output
    assert 'holidays = ["2027-01-15", "2027-01-26", "2027-03-01", "2027-03-06"' in shown
    assert "window_minutes = 90" in shown


def test_without_a_state_and_a_draft_indias_holidays_make_one(environment: dict[str, str], tmp_path: Path) -> None:
    taken = run(environment, "holidays", "2028")

    assert taken.exit_code == 0, taken.output
    assert "Uttarayan" not in taken.output
    assert "own are known" not in taken.output
    assert 'holidays = ["2028-01-26"' in (tmp_path / "policy.toml").read_text()


def test_a_state_of_which_nothing_is_known_is_told(environment: dict[str, str]) -> None:
    assert "No holidays of TS's own are known for 2027; write those by hand." in (
        run(environment, "holidays", "2027", "--state", "ts").output
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("1999",), "Holidays are known from 2026 to 2035; 1999 is to be written by hand."),
        (("2027", "--state", "XX"), "XX is no state of India; write its code, such as GJ."),
    ],
)
def test_unknown_holidays_are_told_and_no_draft_is_made(
    environment: dict[str, str], tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    refused = run(environment, "holidays", *arguments)

    assert refused.exit_code == 2
    assert told in refused.output
    assert not (tmp_path / "policy.toml").exists()
