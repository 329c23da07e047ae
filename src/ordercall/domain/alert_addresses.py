"""The addresses to which alerts go, as settings name them. What is wrong with one is said without its text."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

MAILBOX = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")
PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server that takes mail. ``tls``: from the first byte on; else by STARTTLS, where it offers that.

    Attributes:
        sender: the address that messages are from; empty: nobody named one.
    """

    host: str
    port: int
    tls: bool
    user: str
    password: str
    sender: str

    @property
    def is_near(self) -> bool:
        """Whether it is on this machine, so that what is sent to it crosses no network."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def mail_server(url: str) -> MailServer:
    """Return what an address of a mail server says.

    Raises:
        ValueError: it is none.
    """
    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    sender = parse_qs(parts.query).get("from", [user if MAILBOX.fullmatch(user) else ""])[0]
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in ("", "/") or bool(user) != bool(password):
        raise ValueError
    if sender and not MAILBOX.fullmatch(sender):
        raise ValueError
    port = parts.port or PORTS[parts.scheme]
    return MailServer(parts.hostname, port, parts.scheme == "smtps", user, password, sender)


def mail_address(url: str) -> str:
    """A mail server's address, as it is written; or nothing."""
    if url:
        mail_server(url)
    return url


def mailboxes(text: str) -> tuple[str, ...]:
    """E-mail addresses, with commas between them."""
    found = tuple(each.strip() for each in text.split(",") if each.strip())
    if not all(each.isascii() and MAILBOX.fullmatch(each) for each in found):
        raise ValueError(text)
    return found


def hook(url: str) -> str:
    """An address on the web that messages are posted to, as it is written; or nothing."""
    parts = urlsplit(url)
    if url and (parts.scheme not in ("https", "http") or not parts.hostname or parts.port == 0):
        raise ValueError
    return url
