"""Keys made of the secret in the settings, one set for each purpose, so that none opens what another guards."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self


@dataclass(frozen=True, slots=True, repr=False)
class DerivedKeys:
    """The keys of one purpose, the one of new entries first. It has no repr, because they are secret."""

    PURPOSE: ClassVar[bytes]

    keys: tuple[bytes, ...]

    @classmethod
    def of(cls, secrets: Iterable[str]) -> Self:
        """Return the keys that these secrets open; an empty one is none."""
        known = dict.fromkeys(secret for secret in secrets if secret)
        return cls(tuple(hmac.digest(secret.encode(), cls.PURPOSE, "sha256") for secret in known))

    @property
    def marks(self) -> tuple[str, ...]:
        """By what an entry tells under which key it is kept, without telling the key."""
        return tuple(hmac.digest(key, b"mark", "sha256").hex()[:8] for key in self.keys)
