"""The command `ordercall alerts test`, as a person types it, and the settings of alerts that contradict each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from faults import faults
from mail_server import mail_server
from ordercall.cli import cli
from ordercall.config import read_settings
from ordercall.domain.alert_addresses import mail_server as read_server
from ordercall.errors import ConfigurationError
from stub import Stub


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def try_them(**environment: str) -> Result:
    return CliRunner().invoke(cli, ["alerts", "test"], env=environment)


def test_each_channel_that_is_set_is_tried_and_told(stub: Stub) -> None:
    stub.answers({}, status=410)
    with mail_server() as mail:
        tried = try_them(ALERT_EMAIL_TO="on-call@shop.example", SMTP_URL=mail.url, ALERT_SLACK_URL=stub.url)

        assert tried.output == "e-mail: delivered\nSlack: not delivered, it answered 410\n"
        assert tried.exit_code == 1
        assert mail.subjects == ["Ordercall: A test of alerts"]


def test_without_a_channel_it_says_which_there_are() -> None:
    tried = try_them()

    assert isinstance(tried.exception, ConfigurationError)
    assert "ALERT_SLACK_URL" in str(tried.exception)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"ALERT_EMAIL_TO": "a@b.example"}, "SMTP_URL"),
        ({"ALERT_EMAIL_TO": "Asha <a@b.example>", "SMTP_URL": "smtp://mail.example"}, "ALERT_EMAIL_TO"),
        ({"SMTP_URL": "https://hush@mail.example"}, "SMTP_URL"),
        ({"SMTP_URL": "smtp://hush@mail.example"}, "SMTP_URL"),
        ({"SMTP_URL": "smtp://mail.example:hush"}, "SMTP_URL"),
        ({"ALERT_URL": "https://hook.example"}, "ALERT_URL_SECRET"),
        ({"ALERT_SLACK_URL": "hush"}, "ALERT_SLACK_URL"),
    ],
)
def test_what_cannot_be_meant_is_a_fault_that_shows_no_secret(environment: dict[str, str], named: str) -> None:
    [fault] = faults(environment)

    assert named in fault
    assert "hush" not in fault


def test_a_mail_server_has_the_usual_ports_and_says_who_letters_are_from() -> None:
    plain, secure = read_server("smtp://mail.example?from=us@shop.example"), read_server("smtps://us%40a.b:p%2F@mail.c")

    assert (plain.port, plain.tls, plain.sender) == (587, False, "us@shop.example")
    assert (secure.port, secure.tls, secure.user, secure.password) == (465, True, "us@a.b", "p/")
    assert secure.sender == "us@a.b"


def test_several_are_told_by_mail() -> None:
    settings = read_settings({"ALERT_EMAIL_TO": "a@b.example, c@d.example", "SMTP_URL": "smtp://mail.example"})

    assert settings.alert_email_to == ("a@b.example", "c@d.example")
