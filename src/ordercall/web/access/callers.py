"""Who makes a request: a person by their session, a program by its key, or somebody on this machine."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import Enum, auto
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import request

from ordercall.domain.activity import API, KEY, THIS_MACHINE
from ordercall.domain.people import Permission, Scope, held_by
from ordercall.storage.records.people import Person
from ordercall.web.access import sessions
from ordercall.web.context import context

TOKEN_HEADER = "X-App-Token"  # noqa: S105 - its name
FORWARDING = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via")


class Kind(Enum):
    """What somebody comes as."""

    PERSON = auto()
    PROGRAM = auto()
    NEIGHBOUR = auto()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request. ``name`` is how the timeline names them."""

    name: str
    kind: Kind
    may: frozenset[Permission]


WITH_THE_TOKEN = Caller(API, Kind.PROGRAM, held_by(*Scope))
"""SYNC_API_TOKEN has every scope, as it always had."""

ON_THIS_MACHINE = Caller(THIS_MACHINE, Kind.NEIGHBOUR, held_by(Scope.READ, Scope.SYNC, Scope.STATUS, Scope.OUTCOME))
"""On a development machine: at the few doors that let in whoever is there."""


def person() -> Caller | None:
    """Return who is logged in."""
    return _caller(sessions.person())


def held_back_or_not() -> Caller | None:
    """Return whose session goes with this request, be it held back until a second factor is on."""
    found = sessions.current()
    return _caller(found.person if found else None)


def granted() -> dict[str, bool]:
    """Return of each permission whether whoever is logged in has it, for the pages: they offer nothing in vain."""
    found = sessions.person()
    return {each.name.lower(): found is not None and each in found.may for each in Permission}


def program() -> Caller | None:
    """Return which program's key goes with this request; None where none does, or one that is not in force."""
    offered, expected = offered_token(), context().settings.sync_api_token
    if offered is None:
        return None
    if expected and hmac.compare_digest(offered.encode("utf-8", "surrogateescape"), expected.encode()):
        return WITH_THE_TOKEN
    key = context().access.api_keys.known_by(offered, request.remote_addr or "")
    return Caller(f"{KEY}{key.name}", Kind.PROGRAM, key.may) if key else None


def _caller(found: Person | None) -> Caller | None:
    return Caller(found.name, Kind.PERSON, found.may) if found else None


def offered_token() -> str | None:
    """Return the token that came as ``X-App-Token``, or as ``Authorization: Bearer``; None if none did."""
    kind, _, bearer = request.headers.get("Authorization", "").partition(" ")
    return request.headers.get(TOKEN_HEADER, bearer.strip() if kind.casefold() == "bearer" else None)


def direct_from_this_machine() -> bool:
    """Return whether the request came straight from this machine.

    A tunnel such as ngrok also connects from the loopback address, but it carries the public host name or
    a forwarding header; a page in this machine's browser carries a foreign origin. Neither is direct.
    """
    if any(name in request.headers for name in FORWARDING):
        return False
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return False
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        return False
    return _is_loopback(request.remote_addr or "") and _is_loopback(host_without_port())


def host_without_port() -> str:
    """Return the name that the request came for, in small letters."""
    host = request.host.rsplit("]", 1)[0].lstrip("[") if request.host.startswith("[") else request.host.split(":")[0]
    return host.casefold()


def _is_loopback(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
