"""Which token the app asks its shop with: the permanent one of an old app, or one of a day that renews itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ordercall.config import Settings
from ordercall.domain.audit import Act
from ordercall.domain.sealing import Seal, SealingKeys
from ordercall.errors import ProviderBusy, ProviderError
from ordercall.providers.http import Permission, always
from ordercall.providers.lockout import UNWATCHED, Watch
from ordercall.providers.shopify.admin import ShopifyAdmin, shopify_http
from ordercall.providers.shopify.tokens import OPERATION, Granted, PermanentToken, Tokens, request_token
from ordercall.services.lasting_secrets import lasting_secrets
from ordercall.storage.engine.database import Database
from ordercall.storage.records import access_tokens, audit
from ordercall.storage.records.access_tokens import StoredToken

RENEWED_BEFORE_ITS_END = timedelta(minutes=30)
"""Long enough for a Shopify that gives none just now to come back before the old token ends."""

LEASE = timedelta(seconds=60)
"""Longer than Shopify may take to answer; who has not stored a token by then has died over it."""

SOON = 1.0
"""Seconds in which, as a rule, the other process has its token."""


class GrantedTokens:
    """Tokens of a day, kept in the database so that all processes use the same one. Safe for many threads.

    They stand there sealed; one that does not open is as none, and another is asked for. Only one at a time asks
    Shopify for the next, in this process and in all; no transaction is open meanwhile. Near its end the old token
    still serves whoever is not asking.
    """

    renewable = True

    def __init__(
        self, db: Database, app: str, seal: Seal, request: Callable[[], Granted], clock: Callable[[], datetime]
    ) -> None:
        self._db = db
        self._seal = seal
        self._request = request
        self._app = app
        self._clock = clock
        self._asking = threading.Lock()
        self._known: StoredToken | None = None

    def current(self) -> str:
        """Return a token that is good.

        Raises:
            ProviderBusy: another process is just asking for one.
            CredentialsRefused: Shopify gives none; the words say why.
        """
        known = self._known
        if known and (self._fresh(known) or (self._good(known) and self._asking.locked())):
            return known.token
        return self._stored_or_new()

    def instead_of(self, refused: str) -> str:
        """Return the token that somebody got meanwhile, else a new one.

        Raises:
            ProviderBusy, CredentialsRefused: as :meth:`current`.
        """
        return self._stored_or_new(refused)

    def _stored_or_new(self, refused: str | None = None) -> str:
        with self._asking:
            with self._db.begin() as tx:
                stored = opened(access_tokens.find(tx, self._app), self._seal)
                self._known = stored = stored if stored and stored.token != refused else None
                if stored and self._fresh(stored):
                    return stored.token
                mine = access_tokens.take_lease(tx, self._app, now=self._clock(), lasts=LEASE)
            if mine:
                return self._ask(stored)
            if stored and self._good(stored):
                return stored.token
            raise ProviderBusy("Shopify", OPERATION, "another process is asking for one", retry_after=SOON)

    def _ask(self, before: StoredToken | None) -> str:
        """Ask Shopify. While the old token is good a failure costs nothing, and the lease keeps the next try off."""
        try:
            granted = self._request()
        except ProviderError:
            if before and self._good(before):
                return before.token
            self._end_lease()
            raise
        except BaseException:
            self._end_lease()
            raise
        self._known = StoredToken(granted.token, granted.scopes, (self._clock() + granted.lifetime).timestamp())
        with self._db.begin() as tx:
            access_tokens.store(tx, self._app, replace(self._known, token=self._seal.close(granted.token)))
        return granted.token

    def _end_lease(self) -> None:
        with self._db.begin() as tx:
            access_tokens.end_lease(tx, self._app)

    def _good(self, token: StoredToken) -> bool:
        return self._clock().timestamp() < token.ends_at

    def _fresh(self, token: StoredToken) -> bool:
        return self._clock().timestamp() < token.ends_at - RENEWED_BEFORE_ITS_END.total_seconds()


def opened(stored: StoredToken | None, seal: Seal) -> StoredToken | None:
    """Return a token as it was given; None where none is stored, or none that opens."""
    token = stored and seal.open(stored.token)
    return replace(stored, token=token) if stored and token else None


def seal_anew(db: Database, keys: SealingKeys) -> tuple[int, int]:
    """Seal all stored tokens by the newest key, and forget those that no key opens.

    Returns:
        how many are sealed anew, and how many forgotten: whoever needs one asks for another.
    """
    known = 0
    with db.begin() as tx:
        apps = access_tokens.apps(tx)
        for app in apps:
            seal = keys.seal_of(app)
            token = opened(access_tokens.find(tx, app), seal)
            access_tokens.put(tx, app, seal.close(token.token) if token else None)
            known += token is not None
        audit.write(tx, Act.TOKENS_SEALED, sealed=known, forgotten=len(apps) - known)
    return known, len(apps) - known


def open_shop(
    settings: Settings,
    db: Database,
    clock: Callable[[], datetime],
    may_send: Permission = always,
    watch: Watch = UNWATCHED,
) -> ShopifyAdmin:
    """Return the shop's Admin API with whichever credentials are set. The caller closes it."""
    http = shopify_http(settings, may_send, watch)
    tokens: Tokens = PermanentToken(settings.shopify_access_token)
    if settings.shopify_client_id:
        app = f"{settings.shopify_client_id}@{settings.shopify_store_domain}"
        seal = SealingKeys.of(lasting_secrets(settings)).seal_of(app)
        tokens = GrantedTokens(db, app, seal, lambda: request_token(settings, http), clock)
    return ShopifyAdmin(settings, http, tokens)
