"""How often somebody may try a password, so that nobody guesses it and nobody is locked out by who guesses.

A browser that has logged in before is known by a signed cookie, for its name alone, and has tries of its own. All
others share those of their address, and those of the name that they try, whatever address that is tried from.

- Many names from one address: the address has its ten.
- One name from many addresses: the name has its hundred. Its owner still gets in, by a browser that is known.
- A cookie for another name counts as none, and none can be made without FLASK_SECRET_KEY.
- A stolen cookie buys ten tries more. Its owner's next login makes a new one, with tries of its own.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from ordercall.errors import DatabaseFault, InvalidRequest
from ordercall.storage.records import logins
from ordercall.web.context import context

TRIES = 10
"""A person mistypes less often in PERIOD; whoever guesses has 960 tries a day from one address."""

TRIES_OF_A_NAME = 100
"""From whatever address: 9,600 a day, of which a password of twelve characters that nobody else uses knows nothing."""

TRIES_OF_CODES = 5
"""Of a second factor, by a browser that is known, an address, or a name from wherever: 480 a day of a million codes.
Only who has the password comes so far, so a stranger who guesses locks nobody out."""

PERIOD = timedelta(minutes=15)  # short enough to wait for
KNOWN_FOR = timedelta(days=400)
"""As long as browsers keep a cookie."""

IPV6_NETWORK = 64
"""The leading bits of an IPv6 address that are one customer's."""

COOKIE = "known_browser"
"""With the prefix ``__Host-`` in production, where it travels over https only: no neighbour can set it."""


@dataclass(frozen=True, slots=True)
class Tries:
    """Who tries a password, by what is counted, each with the most tries in PERIOD. ``own`` is what a success frees."""

    limits: dict[str, int]
    own: str

    @property
    def known(self) -> bool:
        """Whether this browser has logged in by this name before."""
        return self.own.startswith("browser")

    def take(self) -> int | timedelta:
        """Count one more try, as failed until :meth:`succeed`. Return how many are left, or how long to wait."""
        now = context().clock()
        try:
            with context().db.begin() as tx:
                return logins.take_try(tx, self.limits, period=PERIOD, now=now)
        except DatabaseFault:
            return _take_from_memory(self.own if self.known else "", now)

    def succeed(self) -> None:
        """Forget the tries of this browser or address, and of the name the one that was right."""
        try:
            with context().db.begin() as tx:
                logins.forget(tx, self.own, the_last_of=[key for key in self.limits if key != self.own])
        except DatabaseFault:
            current_app.extensions.pop(COOKIE, None)


def tries_of(username: str) -> Tries:
    """Return whose tries of a password this request takes."""
    return _tries(username, TRIES, TRIES_OF_A_NAME)


def tries_of_code(username: str) -> Tries:
    """Return whose tries of a second factor this request takes: others than those of the password, which was right."""
    return _tries(username, TRIES_OF_CODES, TRIES_OF_CODES, of=" code")


def tries_of_issuer() -> Tries:
    """Return whose tries of a sign-in elsewhere this request takes. No name is tried there, so no name is locked."""
    address = _network_of(request.remote_addr or "unknown") + " issuer"
    return Tries({address: TRIES}, address)


def too_many(wait: timedelta) -> InvalidRequest:
    """Return what to say where no try is left."""
    message = f"Too many tries. Wait {math.ceil(wait.total_seconds() / 60)} minutes, then try again."
    return InvalidRequest(message, code="TooManyTries", status=429)


def left_after(tries: int) -> str:
    """Return in words how many tries are left."""
    number = "1 try" if tries == 1 else f"{tries} tries"
    return f"{number} left before a pause of {PERIOD // timedelta(minutes=1)} minutes."


def remember_browser(username: str, response: Response) -> None:
    """Let this browser be known from now on."""
    response.set_cookie(
        _cookie_name(),
        _signer().dumps([username, secrets.token_urlsafe(12)]),
        max_age=KNOWN_FOR,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def _tries(username: str, most: int, most_of_name: int, *, of: str = "") -> Tries:
    if browser := _known_browser(username):
        own = f"browser {browser}{of}"
        return Tries({own: most}, own)
    address = _network_of(request.remote_addr or "unknown") + of
    name = hashlib.sha256(username.encode()).hexdigest()[:32]  # people type their password there, too
    return Tries({address: most, f"name {name}{of}": most_of_name}, address)


def _known_browser(username: str) -> str | None:
    """Return what tells this browser from others, where it has logged in as *username* before."""
    try:
        known, browser = _signer().loads(
            request.cookies.get(_cookie_name(), ""), max_age=int(KNOWN_FOR.total_seconds())
        )
    except BadSignature:
        return None
    return str(browser) if known == username else None


def _cookie_name() -> str:
    return f"__Host-{COOKIE}" if current_app.config["SESSION_COOKIE_SECURE"] else COOKIE


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(context().settings.flask_secret_key, salt=COOKIE)


def _take_from_memory(who: str, now: datetime) -> int | timedelta:
    """Count in this process while nothing can be stored: all who are not known share the tries of one."""
    taken = current_app.extensions.setdefault(COOKIE, {}).setdefault(who, deque())
    while taken and not now - PERIOD < taken[0] <= now + PERIOD:
        taken.popleft()
    if len(taken) >= TRIES:
        wait: timedelta = taken[0] + PERIOD - now
        return wait
    taken.append(now)
    return TRIES - len(taken)


def _network_of(address: str) -> str:
    """Return what tells this peer from others: of IPv6 one owner has a whole network of addresses.

    As a socket for both kinds tells an address of IPv4, all of those lie in one network of IPv6.
    """
    try:
        peer = ip_address(address)
    except ValueError:
        return address
    if peer.version == 4 or peer.ipv4_mapped:
        return str(getattr(peer, "ipv4_mapped", None) or peer)
    return str(ip_network((int(peer), IPV6_NETWORK), strict=False))
