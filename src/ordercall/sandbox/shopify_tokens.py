"""An app's access to a shop: the client credentials grant, its tokens of 24 hours, and a legacy app's permanent token.

Source: https://shopify.dev/docs/apps/build/authentication-authorization/client-credentials-grant. A wrong secret is
answered in JSON. The other refusals are an HTML page whose title names them, also where JSON was asked for; this was
observed at real shops.
"""

from __future__ import annotations

import secrets
import threading
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from ordercall.sandbox.provider import Clock, json_object

LIFETIME = timedelta(seconds=86_399)  # a day, as Shopify gives it
READ, WRITE, READ_ALL, READ_CUSTOMERS = "read_orders", "write_orders", "read_all_orders", "read_customers"


RETURNS = ("read_fulfillments", "read_returns")
HOLDS = ("write_merchant_managed_fulfillment_orders", "write_third_party_fulfillment_orders")


class Refusal(NamedTuple):
    """Why no token is granted: the error code of OAuth or Shopify's own, and a sentence."""

    error: str
    sentence: str


WRONG_SECRET = Refusal("invalid_client", "The client credentials are invalid.")
UNKNOWN_APP = Refusal("application_cannot_be_found", "Could not find Shopify API application with api_key")
OTHER_GRANT = Refusal("unsupported_grant_type", "The sandbox knows grant_type=client_credentials only.")
NOT_INSTALLED = Refusal("app_not_installed", "The application is not installed on this shop.")
NOT_PERMITTED = Refusal("shop_not_permitted", "Client credentials cannot be performed on this shop.")


class Tokens:
    """The tokens of one app on one shop.

    Attributes:
        permanent: the token of a legacy app, which never expires. It sees orders of any age, as those apps do.
        client_id: of the app from the Dev Dashboard.
        client_secrets: the app's secrets that are not revoked; two of them while it is rotated.
        scopes: those of a token that is granted; a token keeps its own.
        app_installed: whether the app is installed on the shop.
        same_organization: whether app and shop belong to one organization, which the grant requires.
    """

    def __init__(self, permanent: str, clock: Clock) -> None:
        self.permanent = permanent
        self.client_id = "sandbox-client-id"
        self.client_secrets = ["sandbox-client-secret"]
        self.scopes: tuple[str, ...] = (READ, WRITE, READ_CUSTOMERS, *HOLDS, *RETURNS)
        self.app_installed = True
        self.same_organization = True
        self._clock = clock
        self._granted: dict[str, tuple[datetime, frozenset[str]]] = {}
        self._lock = threading.Lock()

    def scopes_of(self, token: str | None) -> frozenset[str] | None:
        """Return the scopes of *token*, or None for one that is not valid."""
        if not token or not self.app_installed:
            return None
        if token == self.permanent:
            return frozenset((*self.scopes, READ_ALL))
        ends, scopes = self._granted.get(token, (None, None))
        return scopes if ends and self._clock() < ends else None

    def grant(self, client_id: str, client_secret: str) -> str | Refusal:
        """Return a new token; earlier ones stay valid until they expire."""
        if client_id != self.client_id:
            return UNKNOWN_APP
        if client_secret not in self.client_secrets:
            return WRONG_SECRET
        if not self.same_organization:
            return NOT_PERMITTED
        if not self.app_installed:
            return NOT_INSTALLED
        token = f"shpat_{secrets.token_hex(16)}"
        with self._lock:
            self._granted[token] = (self._clock() + LIFETIME, frozenset(self.scopes))
        return token

    def expire(self) -> None:
        """Let all granted tokens expire now."""
        with self._lock:
            self._granted.clear()

    def uninstall(self) -> None:
        """Remove the app from the shop: no token is valid any more."""
        self.app_installed = False
        self.expire()

    def answer(self) -> ResponseReturnValue:
        """Answer ``POST /admin/oauth/access_token``, sent as a form or as JSON."""
        sent = request.form or json_object()
        if sent.get("grant_type") != "client_credentials":
            return _refused(OTHER_GRANT)
        granted = self.grant(str(sent.get("client_id")), str(sent.get("client_secret")))
        if isinstance(granted, Refusal):
            return _refused(granted)
        return jsonify(access_token=granted, scope=",".join(self.scopes), expires_in=int(LIFETIME.total_seconds()))


def _refused(refusal: Refusal) -> ResponseReturnValue:
    if refusal is WRONG_SECRET:
        return jsonify(error=refusal.error, error_description=refusal.sentence), 400
    page = (
        f"<!DOCTYPE html><html><head><title>400 - Oauth error {refusal.error}</title></head>"
        f"<body><p>Oauth error {refusal.error}: {refusal.sentence}</p></body></html>"
    )
    return page, 400, {"Content-Type": "text/html; charset=utf-8"}
