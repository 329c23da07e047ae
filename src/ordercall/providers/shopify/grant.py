"""Asking Shopify for a token: the client credentials grant of an app from the Dev Dashboard.

A wrong secret is answered in JSON; the other refusals come as a page of HTML whose title names them.

Source: https://shopify.dev/docs/apps/build/authentication-authorization/client-credentials-grant
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ordercall.config import Settings
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderRefused
from ordercall.providers.http import ProviderHttp, Request, Response
from ordercall.providers.shopify.admin import json_object

OPERATION = "give the app a token"
LIFETIME = timedelta(seconds=86_399)
"""So long does Shopify say a token lives, always."""

REFUSALS = {
    "invalid_client": "SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET do not belong together; copy both again.",
    "application_cannot_be_found": "Shopify knows no app with this SHOPIFY_CLIENT_ID; copy it again.",
    "app_not_installed": "The app is not installed in the shop; install it from the Dev Dashboard.",
    "shop_not_permitted": (
        "The app and the shop are not in the same organization; make the app in the shop's own Dev Dashboard."
    ),
}


@dataclass(frozen=True, slots=True)
class Granted:
    """A token, how long it lives from now, and what it may do: scopes with commas between them."""

    token: str
    lifetime: timedelta
    scopes: str

    def __repr__(self) -> str:
        return f"Granted(lifetime={self.lifetime}, scopes={self.scopes!r})"


class ShopifyGrant:
    """Asks for tokens with the client id and secret of the settings."""

    def __init__(self, settings: Settings, http: ProviderHttp) -> None:
        self._settings = settings
        self._http = http

    def ask(self) -> Granted:
        """Return a new token. Those from before stay good until they end.

        Raises:
            CredentialsRefused: Shopify gives this app no token for this shop; the words say why and what to do.
            ProviderBusy, OutcomeUnknown: ask again; a token too many harms nothing.
        """
        asked = {
            "grant_type": "client_credentials",
            "client_id": self._settings.shopify_client_id,
            "client_secret": self._settings.shopify_client_secret,
        }
        request = Request(OPERATION, "POST", f"{self._settings.shopify_admin_url}/admin/oauth/access_token", json=asked)
        try:
            answer = self._http.send(request)
        except ProviderRefused as refusal:
            raise CredentialsRefused("Shopify", OPERATION, _why(refusal), call=refusal.call) from refusal
        return _granted(json_object(request, answer), answer)


def _granted(body: dict[str, Any], answer: Response) -> Granted:
    token, scopes, lives = (body.get(name) for name in ("access_token", "scope", "expires_in"))
    if not isinstance(token, str) or not token.strip() or not (token.isascii() and token.isprintable()):
        raise OutcomeUnknown("Shopify", OPERATION, "its answer holds no token", call=answer.call)
    seconds = timedelta(seconds=lives) if isinstance(lives, int) and lives > 0 else LIFETIME
    return Granted(token, seconds, scopes if isinstance(scopes, str) else "")


def _why(refusal: ProviderRefused) -> str:
    """Return what to do about a refusal where Shopify's word for it is known, else what it said."""
    said = str(refusal.body)
    return next((f"{word}. {sentence}" for word, sentence in REFUSALS.items() if word in said), refusal.reason)
