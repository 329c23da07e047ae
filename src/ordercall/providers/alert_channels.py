"""The channels of alerts: mail, a Slack-compatible webhook, and any address. Each message leaves in one try.

What the other side answers is capped, and nothing of it is told but its status.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from ordercall.config import Settings
from ordercall.domain.alert_addresses import mail_server
from ordercall.domain.alerts import Message, Stage
from ordercall.providers.mail import DEADLINE, NotDelivered, letter_of, send_letter

SIGNED = "whsec_"
"""How a secret begins that is base64, as the Standard Webhooks have it."""

SINCE = {Stage.BEGUN: "Since", Stage.ENDED: "It had been so since", Stage.TEST: "Asked for on"}

type Channel = Callable[[Message, float], None]
"""Sends a message, given the present in unix seconds. Raises :class:`NotDelivered`."""


def channels_of(settings: Settings) -> dict[str, Channel]:
    """Return the channels that are set, by their names."""
    found: dict[str, Channel] = {}
    zone, slack, url, secret = (
        settings.display_timezone,
        settings.alert_slack_url,
        settings.alert_url,
        settings.alert_url_secret,
    )
    if to := settings.alert_email_to:
        server = mail_server(settings.smtp_url)
        sender = server.sender or to[0]

        def by_mail(message: Message, now: float) -> None:
            text = plain(message, zone)
            letter = letter_of(sender, to, subject=message.title, text=text, message_id=message.id, now=now)
            send_letter(server, letter)

        found["e-mail"] = by_mail
    if slack:
        found["Slack"] = lambda message, _now: _post(slack, msgspec.json.encode({"text": _in_slack(message, zone)}), {})
    if url:
        found["URL"] = lambda message, now: _post_signed(url, secret, message, now)
    return found


def plain(message: Message, zone: ZoneInfo) -> str:
    """Return what a person reads below the title."""
    since = f"{SINCE[message.stage]} {datetime.fromtimestamp(message.since, zone):%d %b %Y %H:%M} ({zone.key})."
    help_ = f"What it means and what to do: {message.help}"
    return f"{message.words}\n{since}\n\nHow it stands: {message.page}\n{help_}\n"


def _in_slack(message: Message, zone: ZoneInfo) -> str:
    text = f"*{message.title}*\n{plain(message, zone)}"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# -- over HTTP


def _post_signed(url: str, secret: str, message: Message, now: float) -> None:
    body, at = msgspec.json.encode(asdict(message)), str(int(now))
    signature = signature_of(secret, message.id, at, body)
    _post(url, body, {"webhook-id": message.id, "webhook-timestamp": at, "webhook-signature": signature})


def signature_of(secret: str, message_id: str, at: str, body: bytes) -> str:
    """Return the signature of a message as the Standard Webhooks have it: of its id, its time and its body."""
    key = secret.encode()
    if secret.startswith(SIGNED):
        with suppress(binascii.Error):
            key = base64.b64decode(secret.removeprefix(SIGNED), validate=True)
    signed = hmac.new(key, f"{message_id}.{at}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed.digest()).decode()}"


def _post(url: str, body: bytes, headers: dict[str, str]) -> None:
    from ordercall.providers.connections import Connections, NoAnswer  # late: 10 MB that a process loads to send alone

    connections = Connections(DEADLINE, {"Content-Type": "application/json"} | headers)
    try:
        answer = connections.ask_and_wait("POST", url, body=body)
    except NoAnswer as fault:
        raise NotDelivered(f"no answer ({type(fault).__name__})") from None
    finally:
        connections.close()
    if not answer.succeeded:
        raise NotDelivered(f"it answered {answer.status}")
