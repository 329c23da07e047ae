"""Logging in by an OpenID Connect issuer, such as Google or Microsoft: the sign-in there, and whose account it is here.

Nobody becomes a person of the shop by it. A person whom an owner has invited links their account themselves, while they
are logged in, and is known from then on by what never changes hands: the issuer and its subject. E-mail addresses link
nothing: at some issuers anybody can write somebody else's into their account.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from ordercall.domain.audit import Act
from ordercall.domain.id_tokens import Identity, NotForUs, identity_of
from ordercall.errors import InvalidRequest
from ordercall.providers.issuer import Issuer
from ordercall.services.people import People, about
from ordercall.storage.engine.database import Database
from ordercall.storage.records import audit, issuer_accounts, people

BACK = "/login/issuer/back"
"""Where the issuer sends browsers back to, below PUBLIC_URL. It is registered there, so it never changes."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in under way. The browser that began it keeps this, and brings it back.

    Attributes:
        state: what the issuer sends that browser back with.
        nonce: what the issuer writes into the ID token.
        verifier: what shows the issuer that its code comes from who began (PKCE, RFC 7636).
    """

    state: str
    nonce: str
    verifier: str

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class IssuerSignIn:
    """Lets the people of one shop log in by one issuer.

    Args:
        domains: of verified e-mail addresses, outside of which no account counts; none: all count.
        back: where the issuer sends browsers back to: the whole address, as it was registered there.
    """

    def __init__(
        self,
        db: Database,
        members: People,
        issuer: Issuer,
        domains: Collection[str],
        back: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._members = members
        self._issuer = issuer
        self._domains = domains
        self._back = back
        self._clock = clock

    @property
    def label(self) -> str:
        """What people call the issuer."""
        return self._issuer.label

    def begin(self) -> tuple[SignIn, str]:
        """Return a new sign-in, and the address at which the browser goes on with it.

        Raises:
            IssuerFault: the issuer does not answer.
        """
        begun = SignIn(*(secrets.token_urlsafe(32) for _ in range(3)))
        there = self._issuer.address(back=self._back, state=begun.state, nonce=begun.nonce, challenge=begun.challenge)
        return begun, there

    def identity(self, begun: SignIn, code: str, *, said_by: str | None) -> Identity:
        """Return who signed in, for the code that the browser has brought back.

        Args:
            said_by: the issuer that the browser says it comes from; None where it does not say (RFC 9207).

        Raises:
            IssuerFault: the issuer gives nothing for it that could be believed.
            InvalidRequest: what it gives is not for us, or not for this sign-in.
        """
        if said_by not in (None, self._issuer.url):
            raise self._refused("the answer is of another issuer")
        claims = self._issuer.claims(code, back=self._back, verifier=begun.verifier)
        issuer, client, now = self._issuer.url, self._issuer.client, self._clock()
        try:
            return identity_of(claims, issuer=issuer, client=client, nonce=begun.nonce, domains=self._domains, now=now)
        except NotForUs as why:
            raise self._refused(str(why)) from None

    def person_of(self, identity: Identity, address: str) -> people.Person:
        """Return whose account this is, and write down that it vouched for them.

        Raises:
            InvalidRequest: it is nobody's, or somebody's who may not come in any more.
        """
        with self._db.begin() as tx:
            found = issuer_accounts.owner_of(tx, identity)
            person = None if found is None else people.find(tx, found)
            person = person and self._members.as_set(person)
            if person is None or person.disabled_at:
                message = (
                    f"Nobody here has linked this account of {self.label}. Whom an owner has invited logs in by name"
                    " and password first, and links it under Your account."
                )
                raise InvalidRequest(message, code="UnknownAccount", status=403)
            with audit.acting(person.name, address):
                audit.write(tx, Act.ISSUER_VOUCHED, about(person.id), issuer=identity.issuer)
        return person

    def linked_at(self, person_id: int) -> datetime | None:
        """Return since when a person logs in so."""
        with self._db.read() as tx:
            return issuer_accounts.linked_at(tx, person_id, self._issuer.url)

    def link(self, person_id: int, identity: Identity) -> None:
        """Let a person log in by this account from now on.

        Raises:
            InvalidRequest: somebody else does.
        """
        with self._db.begin() as tx:
            people.take(tx)
            if people.find(tx, person_id) is None:  # who logged in while nothing could be stored has no row
                raise InvalidRequest("Log in again first.", code="UnknownPerson", status=409)
            if issuer_accounts.owner_of(tx, identity) not in (None, person_id):
                message = f"Somebody else here logs in by this account of {self.label}."
                raise InvalidRequest(message, code="LinkedElsewhere", status=409)
            issuer_accounts.link(tx, person_id, identity, now=self._clock())
            audit.write(tx, Act.ISSUER_LINKED, about(person_id), issuer=identity.issuer)

    def unlink(self, person_id: int) -> bool:
        """Let a person log in so no more, and return whether they did."""
        with self._db.begin() as tx:
            removed = issuer_accounts.remove(tx, person_id)
            if removed:
                audit.write(tx, Act.ISSUER_UNLINKED, about(person_id))
        return removed

    def _refused(self, why: str) -> InvalidRequest:
        message = f"What {self.label} said of you is not taken: {why}. Try again, or log in by your password."
        return InvalidRequest(message, code="IssuerRefused", status=403)
