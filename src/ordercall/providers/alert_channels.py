"""The channels of alerts: mail, a Slack-compatible webhook, and any address. Each message leaves in one try.

What the other side answers is capped, and nothing of it is told but its status.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

import msgspec

from ordercall.config import Settings
from ordercall.domain.alert_addresses import MailServer, mail_server
from ordercall.domain.alerts import Message, Stage

DEADLINE = 20.0
"""Seconds for all of one try: a mail server takes some for looking a sender up, and nobody waits on a page for it."""

LONGEST_SILENCE = 8.0
"""Seconds for each step of a session: it has six, and each host name up to two addresses."""

LARGEST_REPLY = 64 * 1024
"""Bytes that a mail server may say in one session; an honest one says about one thousand."""

SIGNED = "whsec_"
"""How a secret begins that is base64, as the Standard Webhooks have it."""

SINCE = {Stage.BEGUN: "Since", Stage.ENDED: "It had been so since", Stage.TEST: "Asked for on"}

type Channel = Callable[[Message, float], None]
"""Sends a message, given the present in unix seconds. Raises :class:`NotDelivered`."""


class NotDelivered(Exception):
    """A message did not arrive, or nobody knows whether; the message is why, without anything secret.

    ``again``: another try may help, and reaches nobody a second time who has it for sure.
    """

    def __init__(self, why: str, *, again: bool = True) -> None:
        super().__init__(why)
        self.again = again


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
        found["e-mail"] = lambda message, now: _mail(
            server, to, _letter(sender, to, message, plain(message, zone), now)
        )
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


# -- by mail


def _mail(server: MailServer, to: tuple[str, ...], letter: EmailMessage) -> None:
    try:
        refused = _send(server, letter)
    except smtplib.SMTPResponseException as fault:
        raise NotDelivered(f"the mail server answered {fault.smtp_code}") from None
    except smtplib.SMTPRecipientsRefused:
        raise NotDelivered("the mail server refused every recipient") from None
    except (smtplib.SMTPException, OSError, ValueError) as fault:
        raise NotDelivered(f"no answer of the mail server ({type(fault).__name__})") from None
    if refused:
        raise NotDelivered(f"the mail server refused {refused} of {len(to)} recipients", again=False)


def _send(server: MailServer, letter: EmailMessage) -> int:
    """Send a letter in one session; return how many recipients were refused while others were not."""
    secure = ssl.create_default_context()
    us = letter["From"].addresses[0].domain  # else smtplib looks our name up, for as long as that takes
    mail = (
        _SecureMail(local_hostname=us, context=secure, timeout=LONGEST_SILENCE)
        if server.tls
        else _Mail(local_hostname=us, timeout=LONGEST_SILENCE)
    )
    mail._host = server.host  # TLS asks whether the certificate is of it; connect() leaves that to the constructor
    ends = threading.Timer(DEADLINE, mail.cut)
    ends.daemon = True
    ends.start()
    try:
        mail.connect(server.host, server.port)
        mail.ehlo_or_helo_if_needed()
        if not server.tls and mail.has_extn("starttls"):
            mail.starttls(context=secure)
            mail.ehlo_or_helo_if_needed()
        elif server.user and not (server.tls or server.is_near):
            raise NotDelivered("the mail server offers no STARTTLS, and the password was not sent without")
        if server.user:
            mail.login(server.user, server.password)
        refused = mail.send_message(letter)
        with suppress(smtplib.SMTPException, OSError):  # what it took it has taken
            mail.quit()
        return len(refused)
    finally:
        ends.cancel()
        mail.close()


def _letter(sender: str, to: tuple[str, ...], message: Message, text: str, now: float) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = f"Ordercall: {message.title}"
    letter["From"], letter["To"] = f"Ordercall <{sender}>", ", ".join(to)
    letter["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    letter["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    return letter


class _Mail(smtplib.SMTP):
    """A session that can be cut off from another thread, and that reads only so much."""

    _handle: socket.socket | None = None
    _is_cut = False
    _host: str

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self._handle = made.dup()  # TLS takes the other one away
        if self._is_cut:
            made.close()
            raise TimeoutError
        return made

    def cut(self) -> None:
        """End the session, whatever it waits for."""
        self._is_cut = True
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Capped(self.sock.makefile("rb"))
        return super().getreply()

    def close(self) -> None:
        super().close()
        if self._handle is not None:
            self._handle.close()


class _SecureMail(smtplib.SMTP_SSL, _Mail):
    """The same over TLS from the first byte on."""


class _Capped:
    """What a mail server says, up to a limit."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = LARGEST_REPLY

    def readline(self, most: int) -> bytes:
        line = self._file.readline(most)
        self._left -= len(line)
        if self._left < 0:
            raise OSError("more than a mail server has to say")
        return line

    def close(self) -> None:
        self._file.close()
