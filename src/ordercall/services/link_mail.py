"""Links by which people choose a password, sent to them by e-mail. Whose address it is, whoever sends it knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from ordercall.domain.alert_addresses import MailServer, mailboxes
from ordercall.domain.audit import Act
from ordercall.errors import InvalidRequest
from ordercall.providers.mail import NotDelivered, letter_of, send_letter
from ordercall.services.people import Link, about, hashed
from ordercall.storage.engine.database import Database
from ordercall.storage.records import audit

TEXT = """Hello {name},

choose your password for Ordercall here. The link works once, until {until}:

{address}

Whoever opens it first chooses the password, so pass it on to nobody. If you expected no such letter, do nothing.
"""


class LinkMail:
    """Sends links by one mail server. No address that it sends to is kept.

    Args:
        sender: the address that letters are from.
        zone: in which the end of a link is told.
    """

    def __init__(
        self, db: Database, server: MailServer, sender: str, zone: ZoneInfo, clock: Callable[[], datetime]
    ) -> None:
        self._db = db
        self._server = server
        self._sender = sender
        self._zone = zone
        self._clock = clock

    def send(self, link: Link, address: str, *, to: str) -> None:
        """Send a link, which leads to this address.

        Raises:
            InvalidRequest: it is to no e-mail address, or the letter did not arrive.
        """
        letter = letter_of(
            self._sender,
            (_mailbox(to),),
            subject="Choose your password",
            text=TEXT.format(name=link.person.name, until=self._told(link.ends_at), address=address),
            message_id=hashed(f"letter {link.token} {to}"),
            now=self._clock().timestamp(),
        )
        try:
            send_letter(self._server, letter)
        except NotDelivered as fault:
            message = f"The letter did not arrive: {fault}. Hand the link over yourself."
            raise InvalidRequest(message, code="NotDelivered", status=502) from None
        with self._db.begin() as tx:
            audit.write(tx, Act.LINK_SENT, about(link.person.id), name=link.person.name)

    def _told(self, end: datetime) -> str:
        return f"{end.astimezone(self._zone):%d %b %Y %H:%M} ({self._zone.key})"


def _mailbox(text: str) -> str:
    try:
        [found] = mailboxes(text)
    except ValueError:
        message = "That is no e-mail address. Write one, such as asha@example.com."
        raise InvalidRequest(message, code="InvalidEmail") from None
    return found
