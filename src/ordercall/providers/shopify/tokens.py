"""Which token Shopify is asked with, and how an app of the Dev Dashboard asks for one: the client credentials grant.

A wrong secret is answered in JSON; the other refusals come as a page of HTML whose title names them.

Source: https://shopify.dev/docs/apps/build/authentication-authorization/client-credentials-grant
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from ordercall.config import Settings
from ordercall.errors import CredentialsRefused, OutcomeUnknown
from ordercall.providers.http import ProviderHttp, Request, Response
from ordercall.providers.json_values import part

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


class Tokens(Protocol):
    """Where tokens come from. Both methods may raise the three provider errors.

    Attributes:
        renewable: for a token that Shopify no longer takes there may be another one.
    """

    renewable: bool

    def current(self) -> str:
        """Return the token to send now."""

    def instead_of(self, refused: str) -> str:
        """Return another token for one that Shopify no longer takes. Only where they are renewable."""


class PermanentToken:
    """The token of an app that was made in the shop's admin before 2026. There is no other one."""

    renewable = False

    def __init__(self, token: str) -> None:
        self._token = token

    def current(self) -> str:
        return self._token

    def instead_of(self, refused: str) -> str:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Granted:
    """A token, how long it lives from now, and what it may do: scopes with commas between them."""

    token: str = field(repr=False)
    lifetime: timedelta
    scopes: str


def request_token(settings: Settings, http: ProviderHttp) -> Granted:
    """Ask for a new token with the client id and secret of the settings. Those from before stay good until they end.

    Raises:
        CredentialsRefused: Shopify gives this app no token for this shop; the words say why and what to do.
        ProviderBusy, OutcomeUnknown: ask again; a token too many harms nothing.
    """
    url = f"{settings.shopify_admin_url}/admin/oauth/access_token"
    asked = {
        "grant_type": "client_credentials",
        "client_id": settings.shopify_client_id,
        "client_secret": settings.shopify_client_secret,
    }
    try:
        response = http.send(Request(OPERATION, "POST", url, asked, grants=True))
    except CredentialsRefused as refusal:
        wait = refusal.retry_after
        raise CredentialsRefused("Shopify", OPERATION, _why(refusal), retry_after=wait, call=refusal.call) from refusal
    return _granted(response)


def _granted(response: Response) -> Granted:
    token, scopes, lives = (part(response.body).get(name) for name in ("access_token", "scope", "expires_in"))
    if not isinstance(token, str) or not token.strip() or not (token.isascii() and token.isprintable()):
        raise OutcomeUnknown("Shopify", OPERATION, "its answer holds no token", call=response.call)
    seconds = timedelta(seconds=lives) if isinstance(lives, int) and lives > 0 else LIFETIME
    return Granted(token, seconds, scopes if isinstance(scopes, str) else "")


def _why(refusal: CredentialsRefused) -> str:
    """Return what to do about a refusal where Shopify's word for it is known, else what it said."""
    body = str(refusal.body)
    return next((f"{word}. {sentence}" for word, sentence in REFUSALS.items() if word in body), refusal.reason)
