"""What leaves by each channel of alerts, and what is said of one that does not take it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest

from mail_server import MailServer, mail_server
from makers import make_settings
from ordercall.domain.alerts import Message, Stage
from ordercall.providers import mail as letters
from ordercall.providers.alert_channels import channels_of
from ordercall.providers.mail import NotDelivered
from stub import Stub

NOW = 1_764_500_000.0
MESSAGE = Message(
    "m-1",
    "calls",
    Stage.BEGUN,
    NOW,
    NOW - 180,
    "Calls stand still",
    "12 orders <wait> & wait.",
    "https://ordercall.example/settings/alerts#calls",
    "docs/operations.md#alert-calls",
)


@pytest.fixture(scope="module")
def running_mail() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def mail(running_mail: MailServer) -> MailServer:
    running_mail.forget()
    return running_mail


def send(name: str, **environment: str) -> None:
    channels_of(make_settings(**environment))[name](MESSAGE, NOW)


def send_mail(mail: MailServer, url: str = "", to: str = "a@shop.example, b@shop.example") -> None:
    send("e-mail", ALERT_EMAIL_TO=to, SMTP_URL=url or mail.url)


def test_a_letter_goes_to_all_recipients_in_one_session(mail: MailServer) -> None:
    send_mail(mail)

    [letter] = mail.letters
    assert (mail.sessions, mail.recipients) == (1, ["a@shop.example", "b@shop.example"])
    assert letter["Subject"] == "Ordercall: Calls stand still"
    assert letter["From"] == "Ordercall <ordercall@shop.example>"
    assert letter["Message-ID"] == "<m-1@shop.example>"
    text = letter.get_content().replace("\r\n", "\n")
    assert "12 orders <wait> & wait.\nSince 30 Nov 2025 16:20 (Asia/Kolkata)." in text
    assert "https://ordercall.example/settings/alerts#calls" in text
    assert "docs/operations.md#alert-calls" in text


def test_a_password_goes_to_a_server_of_this_machine_and_to_no_other_without_tls(mail: MailServer) -> None:
    send_mail(mail, f"smtp://asha:p%40ss@127.0.0.1:{mail.port}")
    with pytest.raises(NotDelivered, match="offers no STARTTLS"):
        send_mail(mail, f"smtp://asha:p%40ss@0.0.0.0:{mail.port}")

    assert mail.logins == [("asha", "p@ss")]
    assert len(mail.letters) == 1


@pytest.mark.parametrize(
    ("answers", "why", "again"),
    [
        ({"mail": "550 asha@shop.example is blocked"}, "the mail server answered 550", True),
        ({"rcpt": "550 no"}, "the mail server refused every recipient", True),
        ({"rcpt to:<b": "550 no"}, "the mail server refused 1 of 2 recipients", False),
    ],
    ids=["sender", "every recipient", "one recipient"],
)
def test_a_refusal_is_told_by_its_number_alone(
    mail: MailServer, answers: dict[str, str], why: str, again: bool
) -> None:
    mail.answers = answers

    with pytest.raises(NotDelivered) as fault:
        send_mail(mail)

    assert (str(fault.value), fault.value.again) == (why, again)


def test_a_server_that_never_comes_to_an_end_is_cut_off(mail: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "DEADLINE", 0.3)
    mail.drips = True

    with pytest.raises(NotDelivered, match="no answer of the mail server"):
        send_mail(mail)


def test_a_server_that_says_too_much_is_heard_no_longer(mail: MailServer) -> None:
    mail.chatters = True

    with pytest.raises(NotDelivered, match="no answer of the mail server"):
        send_mail(mail)


def test_tls_is_spoken_with_a_server_that_is_trusted_alone(mail: MailServer) -> None:
    with pytest.raises(NotDelivered, match=r"no answer of the mail server \(SSLError\)"):
        send_mail(mail, f"smtps://127.0.0.1:{mail.port}")

    assert mail.letters == []


def sent(stub: Stub) -> tuple[dict[str, str], bytes]:
    [(_, _, headers, body)] = stub.requests
    return {name.lower(): value for name, value in headers.items()}, body


def test_slack_gets_a_text_in_which_nothing_is_a_tag(stub: Stub) -> None:
    send("Slack", ALERT_SLACK_URL=stub.url)

    _, body = sent(stub)
    text = json.loads(body)["text"]
    assert text.startswith("*Calls stand still*\n12 orders &lt;wait&gt; &amp; wait.\n")


@pytest.mark.parametrize(
    ("secret", "key"),
    [("a secret of ours", b"a secret of ours"), ("whsec_" + base64.b64encode(b"32 bytes").decode(), b"32 bytes")],
    ids=["text", "standard webhooks"],
)
def test_any_address_gets_json_that_is_signed_with_its_time(stub: Stub, secret: str, key: bytes) -> None:
    send("URL", ALERT_URL=f"{stub.url}/in", ALERT_URL_SECRET=secret)

    headers, body = sent(stub)
    signed = hmac.new(key, f"m-1.{int(NOW)}.".encode() + body, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(signed).decode()}"
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("m-1", str(int(NOW)))
    told: dict[str, Any] = json.loads(body)
    assert (told["alert"], told["stage"], told["since"]) == ("calls", "begun", NOW - 180)


def test_of_an_answer_only_its_number_is_told(stub: Stub) -> None:
    stub.answers({"error": "no channel #secret-plans"}, status=404)

    with pytest.raises(NotDelivered) as fault:
        send("Slack", ALERT_SLACK_URL=stub.url)

    assert str(fault.value) == "it answered 404"


def test_an_answer_without_an_end_is_not_read(stub: Stub) -> None:
    stub.answers(b"x" * (2**20 + 1))

    with pytest.raises(NotDelivered, match="no answer"):
        send("Slack", ALERT_SLACK_URL=stub.url)
