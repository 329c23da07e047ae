"""The second factor: the codes that an authenticator app shows (TOTP, RFC 6238), and those on paper for a lost phone.

The secret of an app is nowhere: it is made, each time it is needed, of the key in the settings and of the row's nonce.
Whoever reads the database has only the nonce; whoever moves it to another person's row has another secret.
"""

from __future__ import annotations

import base64
import hmac
import secrets

import pyotp

from ordercall.domain.derived_keys import DerivedKeys

ISSUER = "Ordercall"
"""Under which an app lists the code."""

SECONDS = 30
"""For which an app shows a code: what all of them do, whatever they are told."""

STEPS_OFF = 1
"""By which a clock may differ: who begins to type a code as it changes is right, too."""

SECRET_BYTES, NONCE_BYTES = 20, 32
"""What RFC 4226 recommends for SHA-1; and what nobody meets twice."""

RECOVERY_CODES, RECOVERY_BYTES = 10, 15
"""A sheet of them; and 120 bits each, from 112 of which NIST SP 800-63B lets a plain hash do. They fill 24 letters."""


class FactorKeys(DerivedKeys):
    """The keys of which the secrets of apps are made."""

    __slots__ = ()
    PURPOSE = b"ordercall secrets of authenticator apps"

    def secret(self, mark: str, person_id: int, nonce: str) -> str | None:
        """Return a person's secret in base32; None where the key that it was made of is not known any more."""
        for key, known in zip(self.keys, self.marks, strict=True):
            if known == mark:
                made = hmac.digest(key, f"{person_id} {nonce}".encode(), "sha256")[:SECRET_BYTES]
                return base64.b32encode(made).decode()
        return None


def new_nonce() -> str:
    return secrets.token_hex(NONCE_BYTES)


def address_of(secret: str, name: str, shop: str) -> str:
    """Return the ``otpauth`` address by which an app takes the secret in."""
    return pyotp.TOTP(secret).provisioning_uri(name=f"{name} at {shop}" if shop else name, issuer_name=ISSUER)


def right_step(secret: str, code: str, *, now: float, after: int) -> int | None:
    """Return the time step whose code this is; None where it is of none that counts now.

    Args:
        now: POSIX seconds.
        after: the last step whose code was used; only later ones count.
    """
    step, counted = int(now // SECONDS), pyotp.HOTP(secret)
    near = [each for each in range(step - STEPS_OFF, step + STEPS_OFF + 1) if each > max(after, -1)]
    typed = "".join(code.split()).encode(errors="replace")
    right = [each for each in near if hmac.compare_digest(counted.at(each).encode(), typed)]
    return max(right, default=None)  # where two steps have one code, it is used up with the later one


def new_recovery_codes() -> list[str]:
    """Return codes as they are written down: six groups of four letters and digits."""
    made = (base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES))
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in made]


def plain(recovery_code: str) -> str:
    """Return a recovery code as it is kept, however it was typed: without spaces and dashes, in small letters."""
    return "".join(letter for letter in recovery_code.lower() if letter.isalnum())
