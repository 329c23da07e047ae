"""Letters to people: each leaves in one session with the mail server, and in one try.

What the server says is capped, and nothing of it is told but its status.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import BinaryIO

from ordercall.domain.alert_addresses import MailServer

DEADLINE = 20.0
"""Seconds for all of one try: a mail server takes some for looking a sender up, and a page does not wait for longer."""

LONGEST_SILENCE = 8.0
"""Seconds for each step of a session: it has six, and each host name up to two addresses."""

LARGEST_REPLY = 64 * 1024
"""Bytes that a mail server may say in one session; an honest one says about one thousand."""


class NotDelivered(Exception):
    """A message did not arrive, or nobody knows whether; the message is why, without anything secret.

    ``again``: another try may help, and reaches nobody a second time who has it for sure.
    """

    def __init__(self, why: str, *, again: bool = True) -> None:
        super().__init__(why)
        self.again = again


def send_letter(server: MailServer, letter: EmailMessage) -> None:
    """Send a letter to all its recipients.

    Raises:
        NotDelivered: it did not reach all of them.
    """
    try:
        refused = _send(server, letter)
    except smtplib.SMTPResponseException as fault:
        raise NotDelivered(f"the mail server answered {fault.smtp_code}") from None
    except smtplib.SMTPRecipientsRefused:
        raise NotDelivered("the mail server refused every recipient") from None
    except (smtplib.SMTPException, OSError, ValueError) as fault:
        raise NotDelivered(f"no answer of the mail server ({type(fault).__name__})") from None
    if refused:
        raise NotDelivered(
            f"the mail server refused {refused} of {len(letter['To'].addresses)} recipients", again=False
        )


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


def letter_of(
    sender: str, to: tuple[str, ...], *, subject: str, text: str, message_id: str, now: float
) -> EmailMessage:
    """Return a letter of the program's own.

    Args:
        message_id: what tells it from all others; sent twice, it is one.
        now: the present in unix seconds.
    """
    letter = EmailMessage()
    letter["Subject"] = f"Ordercall: {subject}"
    letter["From"], letter["To"] = f"Ordercall <{sender}>", ", ".join(to)
    letter["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    letter["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2]}>"
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
