"""Passwords that people choose: which are good, and how they are kept.

Good is, after NIST SP 800-63B-4, what is long and not on a list of common ones: no digits or capitals by order, no end.
They are kept by argon2id (``argon2-cffi``; docs/decisions/0014-passwords-by-argon2id.md).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ordercall.errors import InvalidRequest
from ordercall.guessable import any_guessable

SHORTEST, LONGEST = 15, 256
"""Characters: what NIST asks of a password that stands alone; and more than anybody types, so that none is cut."""

KIBIBYTES, PASSES, LANES = 47_104, 1, 1
"""One of OWASP's two equals, 46 MB once. The other takes 19 MB twice, less than the 32 MB from which the C library
gives memory back at once: after the first login each process would have kept it."""

WAITING = 4
"""Strangers whose passwords are looked at or wait for it, 0.13 s each; what comes then is sent away and holds no
thread. A browser that is known waits beside them, so no flood of strangers keeps its owner out."""


class Passwords:
    """Keeps and compares passwords, one at a time: two would take twice the memory, and no longer on two processors.

    Args:
        kibibytes: the memory that one takes.
    """

    def __init__(self, kibibytes: int = KIBIBYTES) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=kibibytes, parallelism=LANES)
        self._one = BoundedSemaphore(1)
        self._strangers = BoundedSemaphore(WAITING)

    def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        with self._one:
            return self._hasher.hash(_normal(password))

    def is_right(self, kept: str | None, password: str, *, known: bool) -> bool:
        """Return whether a password is the one that is kept; without one the look takes as long.

        Args:
            known: whether it comes from a browser that has logged in before.

        Raises:
            InvalidRequest: too many strangers wait.
        """
        if known:
            return self._compare(kept, password)
        with self._place():
            return self._compare(kept, password)

    def _compare(self, kept: str | None, password: str) -> bool:
        if kept is None:
            self.hash(password)
            return False
        try:
            with self._one:
                return self._hasher.verify(kept, _normal(password))
        except (VerificationError, InvalidHashError):
            return False

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._strangers.acquire(blocking=False):
            message = "Too many people try to log in at the moment. Wait some seconds, then try again."
            raise InvalidRequest(message, code="TooBusy", status=503)
        try:
            yield
        finally:
            self._strangers.release()


def password_fault(password: str, own_words: Iterable[str]) -> str:
    """Return why a password cannot be chosen; empty where it can.

    Args:
        own_words: what whoever tries knows: the person's name, the shop's.
    """
    plain = _normal(password)
    if len(plain) < SHORTEST:
        return f"It has {SHORTEST} characters or more; four words that have nothing to do with each other do."
    if len(plain) > LONGEST:
        return f"It has at most {LONGEST} characters."
    if any_guessable([plain], ["ordercall", *own_words]):
        return "Whoever tries common passwords, or knows the shop, would find it. Choose another one."
    return ""


def _normal(password: str) -> str:
    """Return one form of what keyboards write in several: an ü as one character or as two (NFC)."""
    return unicodedata.normalize("NFC", password)
