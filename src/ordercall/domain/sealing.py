"""Tokens that others gave us, sealed: who reads the database without the key in the settings reads none.

Fernet: AES-128-CBC and an HMAC-SHA-256 over it. It binds a text to nothing beside it, so each place has keys of its
own: what is moved to another row does not open there.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ordercall.domain.derived_keys import DerivedKeys

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


@dataclass(frozen=True, slots=True, repr=False)
class Seal:
    """Seals the text of one place, by the newest key, and opens what any key has sealed."""

    keys: MultiFernet

    def close(self, text: str) -> str:
        return self.keys.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """Return the text; None where it is not sealed, was changed, or by a key that is not known any more."""
        from cryptography.fernet import InvalidToken

        try:
            return self.keys.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None


class SealingKeys(DerivedKeys):
    """The keys by which tokens are sealed."""

    __slots__ = ()
    PURPOSE = b"ordercall tokens in the database"

    def seal_of(self, place: str) -> Seal:
        from cryptography.fernet import Fernet, MultiFernet  # late: 7 MB, and only the worker has a token

        own = [urlsafe_b64encode(hmac.digest(key, place.encode(), "sha256")) for key in self.keys]
        return Seal(MultiFernet([Fernet(key) for key in own]))
