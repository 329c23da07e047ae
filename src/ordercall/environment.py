"""How a setting is declared, and the readers that parse its value, with a sentence for each reason why they cannot.

A reader that knows what is wrong raises :class:`Unusable` with the rest of a sentence that begins with the setting's
name; none quotes what may be secret.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError

from ordercall.domain.contract import OURS, Contract, ContractFaults, read_contract
from ordercall.domain.parcels.write_back import LONGEST_TAG, read_tag
from ordercall.domain.people import Role
from ordercall.domain.places.time_zones import is_a_place
from ordercall.domain.places.time_zones import time_zone as time_zone_of

LONGEST_ANSWER = 300
"""Seconds for which a request may hold its job, and one of the WORKER_CONCURRENCY places."""

STORE = re.compile(r"[a-z0-9][a-z0-9-]*")
WEB_ADDRESS = re.compile(r"https://[^/\s?#]+(/[^\s?#]*)?|http://(localhost|127\.0\.0\.1)(:\d+)?")

NEAR = "127.0.0.0/8, ::1, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, 169.254.0.0/16, fc00::/7, fe80::/10"
"""This machine and private networks: from where a proxy connects unless somebody says otherwise. Nobody on the internet
has such an address."""

QUOTED = re.compile(r"(['\"`]).*\1", re.DOTALL)
TYPESET = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb\u2039\u203a"
"""The quotes of text processors and web pages; no program that reads a ``.env`` takes them for quotes."""
JOINERS = "\u200c\u200d"
"""They belong to words of Indian scripts and to emoji, though nobody sees them."""

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network
type Reader[T] = Callable[[str], T]
type Derived = Callable[[Mapping[str, Any]], str]
"""Makes a default of the values that are declared above it."""


class Unusable(Exception):
    """Why a text is no value of a setting, as it goes on after the setting's name."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of a setting before anybody sets it.

    Attributes:
        says: what it is for, in a sentence or two to whoever sets it. Empty: the program sets it itself.
        read: makes its value of a text.
        default: the text that holds while nothing is set.
        secret: never shown.
        opens: whoever knows it gets in here, so production refuses one that can be guessed or has fewer characters than
            this; it is secret too. 0: it opens nothing.
        account: it is an address, id or secret of the shop's account with Kalimera or Shopify.
        name: of the variable.
        field: of the value in ``Settings``.
    """

    says: str
    read: Reader[Any]
    default: str | Derived = ""
    secret: bool = False
    opens: int = 0
    account: bool = False
    name: str = ""
    field: str = ""

    def named(self, field: str) -> Setting:
        """Return the setting of this field, which has the field's name in capitals unless it has one of its own."""
        return replace(self, field=field, name=self.name or field.upper())

    def text_in(self, environment: Mapping[str, str]) -> str:
        """Return its text in the environment; empty where that is blank."""
        return environment.get(self.name, "").strip()

    def chosen_in(self, environment: Mapping[str, str]) -> str:
        """Return the text that somebody chose for it; empty where that is blank or the default."""
        chosen = self.text_in(environment)
        return "" if chosen == self.default else chosen

    def value(self, text: str, above: Mapping[str, Any]) -> Any:
        """Return the value of *text*, or for none that of the default.

        Raises:
            Unusable: the text is no value of this setting.
        """
        if QUOTED.fullmatch(text):
            raise Unusable(
                "begins and ends with a quote, which `docker --env-file` keeps as a part of it; remove both."
            )
        if text.startswith(tuple(TYPESET)) or text.endswith(tuple(TYPESET)):
            raise Unusable("begins or ends with a typographic quote, which would be a part of it; remove both quotes.")
        if len(text.splitlines()) > 1:
            raise Unusable("goes over more than one line; perhaps a quote at its beginning is not closed.")
        if unseen := [sign for sign in text if not sign.isprintable() and sign not in JOINERS]:
            raise Unusable(f"holds a character that is not seen (U+{ord(unseen[0]):04X}); type or copy it again.")
        default = self.default if isinstance(self.default, str) else self.default(above)
        try:
            return self.read(text or default)
        except ValueError as wanted:
            shown = "cannot be used" if self.secret else f"is '{text or default}'"
            example = f", such as {default}" if default else ""
            raise Unusable(f"{shown}; it must be {wanted}{example}.") from wanted


def setting[T](
    says: str,
    read: Reader[T],
    default: str | Derived = "",
    *,
    secret: bool = False,
    opens: int = 0,
    account: bool = False,
    name: str = "",
) -> T:
    """Declare a field of ``Settings``; the arguments are the attributes of :class:`Setting`."""
    declared = Setting(says, read, default, secret=secret or bool(opens), opens=opens, account=account, name=name)
    value: T = field(metadata={Setting: declared})
    return value


def wanting[T](wanted: str, read: Reader[T]) -> Reader[T]:
    """Return a reader whose error is in our words: each version of Python has other ones."""

    def checked(value: str) -> T:
        try:
            return read(value)
        except (ValueError, KeyError, OSError, InvalidOperation):
            raise ValueError(wanted) from None

    return checked


def text(value: str) -> str:
    return value


def optional(value: str) -> str | None:
    return value or None


def header(value: str) -> str:
    """A text that is sent as an HTTP header."""
    if value.isascii() and value.isprintable():
        return value
    raise Unusable("holds characters that no HTTP header can carry; copy it again.")


def tag(value: str) -> str:
    """A tag that Shopify takes as it is."""
    found = read_tag(value)
    if found is None:
        raise Unusable(f"is '{value}'; one tag has at most {LONGEST_TAG} characters and no comma.")
    return found


def holding(part: str) -> Reader[str]:
    """A text that holds this part, or none."""

    def read(value: str) -> str:
        if value and part not in value:
            raise Unusable(f"must hold {part}.")
        return value

    return read


def choice(*choices: str) -> Reader[str]:
    def read(value: str) -> str:
        if value not in choices:
            raise Unusable(f"is '{value}'; it must be {' or '.join(choices)}.")
        return value

    return read


def roles(value: str) -> frozenset[str]:
    """Roles of people with commas between, or none."""
    found = frozenset(word.strip().casefold() for word in value.split(",") if word.strip())
    if unknown := sorted(found - set(Role)):
        raise Unusable(f"names '{unknown[0]}', which is no role; write of {', '.join(Role)} those that are meant.")
    return found


def number(*, at_least: int = 0, at_most: int) -> Reader[int]:
    def read(value: str) -> int:
        found = wanting("a whole number", int)(value)
        if not at_least <= found <= at_most:
            raise Unusable(f"is {found}; it must lie between {at_least} and {at_most}.")
        return found

    return read


def amount(value: str) -> Decimal | None:
    """Return an amount of money that is not negative; None for no text."""
    if not value:
        return None
    found = wanting("an amount, such as 2.50", Decimal)(value)
    if not (found.is_finite() and 0 <= found < 10**9):
        raise Unusable(f"is {found}; it must be an amount from 0 to a milliard.")
    return found


port = number(at_least=1, at_most=65_535)


def _zone(text: str) -> ZoneInfo:
    found = time_zone_of(text)
    if found is None or not is_a_place(found):
        raise ValueError(text)
    return found


time_zone = wanting("the name of a time zone", _zone)


@dataclass(frozen=True, slots=True)
class Proxies:
    """The reverse proxies in front: how many add a word to each header, and where the nearest one connects from."""

    number: int
    networks: tuple[Network, ...]

    def include(self, peer: str) -> bool:
        """Return whether this address, which somebody connects from, is that of a proxy."""
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        address = getattr(address, "ipv4_mapped", None) or address  # as a socket for both kinds tells it
        return any(address in network for network in self.networks)


def proxies(value: str) -> Proxies:
    """How many proxies, in which networks, or both; one proxy where only networks are named."""
    how_many, *where = value.split(",")
    if not how_many.strip().isdecimal():
        how_many, where = "1", value.split(",")
    try:
        networks = tuple(ipaddress.ip_network(network.strip()) for network in where or NEAR.split(","))
    except ValueError:
        sentence = "it must be a number, addresses and networks, or both, such as 1 or 10.0.3.0/24 or 2, 10.0.3.7."
        raise Unusable(f"is '{value}'; {sentence}") from None
    return Proxies(number(at_most=10)(how_many), networks)


def folder(look: Callable[[Path], object]) -> Reader[Path | None]:
    """A folder, or none; *look* raises a ``ValueError`` that names a file in it, what is wrong, and the remedy."""

    def read(value: str) -> Path | None:
        if not value:
            return None
        if not Path(value).is_dir():
            raise Unusable(f"is '{value}', which is no folder; make it, or correct the path.")
        try:
            look(Path(value))
        except ValueError as fault:
            raise Unusable(f"names a folder with a file that cannot be used: {fault}") from None
        return Path(value)

    return read


def hours(*, at_least: int, at_most: int) -> Reader[timedelta]:
    read = number(at_least=at_least, at_most=at_most)
    return lambda value: timedelta(hours=read(value))


def seconds(*, at_most: int = LONGEST_ANSWER) -> Reader[float]:
    def read(value: str) -> float:
        found = wanting("a number", float)(value)
        if not 0 < found <= at_most:
            raise Unusable(f"is {found}; it must be more than 0 and at most {at_most} seconds.")
        return found

    return read


def ip_address(value: str) -> str:
    read = wanting("localhost or an IP address of this machine", ipaddress.ip_address)
    return "127.0.0.1" if value == "localhost" else str(read(value))


def locale(name: str) -> Locale:
    try:
        return Locale.parse(name.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        raise ValueError("the name of a locale") from None


def without_slash(address: str) -> str:
    """An address that a path is added to."""
    return address.rstrip("/")


def web_address(value: str) -> str:
    """An address that Shopify can send to: https, or this machine for a sandbox."""
    address = without_slash(value)
    if address and not WEB_ADDRESS.fullmatch(address):
        raise Unusable(f"is '{address}'; it must be an address such as https://ordercall.example.com.")
    return address


def contract(file: str) -> Contract:
    """The file that says what Kalimera calls what we send; without one, as we do."""
    try:
        return read_contract(Path(file).read_text("utf-8-sig"), file) if file else OURS
    except OSError as error:
        raise Unusable(
            f"is {file}, which cannot be read ({error.strerror}); name a file that is there, or remove the setting."
        ) from error
    except UnicodeDecodeError as error:
        raise Unusable(f"is {file}, which is not written in UTF-8; save it as UTF-8.") from error
    except ContractFaults as faults:
        raise Unusable(f"is {file}, and in it {faults}") from faults


def postgres_address(url: str) -> str:
    """A Postgres address that libpq can read."""
    if not url:
        return ""
    if not url.startswith(("postgresql://", "postgres://")):
        raise Unusable("must begin with postgresql://; a SQLite file is named by DATABASE_PATH.")
    import psycopg  # late: it takes 5 MB of every process, and most shops live in a file

    try:
        psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise Unusable(
            "cannot be read as an address. An example: postgresql://user:password@host:5432/ordercall"
            " (in a password, write the characters : / @ % as %3A %2F %40 %25)"
        ) from None  # libpq's own words quote the address
    return url


def store(value: str) -> str:
    """The shop's name in its myshopify.com address, in small letters as Shopify's webhooks name it.

    It becomes part of the address that the token is sent to.
    """
    store = value.lower().removeprefix("https://").rstrip("/").removesuffix(".myshopify.com")
    if store and not STORE.fullmatch(store):
        raise Unusable(f"is '{value}'; it must be your-store-name, or your-store-name.myshopify.com.")
    return store
