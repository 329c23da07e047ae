"""Settings that are fine one by one and wrong together, or in public: a sentence for each, with what to change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ordercall.guessable import any_guessable

if TYPE_CHECKING:
    from ordercall.config import Settings
    from ordercall.environment import Setting

CAMPAIGN_PLACEHOLDER, CONTACT_PLACEHOLDER = "<campaign id>", "<contact id>"

ANSWERS_IN_A_TAKEOVER = 3
"""A third of WORKER_TAKEOVER_SECONDS is left for answers (``jobs/takeover.py``)."""


def contradictions_in(settings: Settings) -> list[str]:
    """Name the settings that leave open what is meant, or of which one is nothing without another."""
    faults = [*_campaigns(settings), *_credentials(settings), *_alerts(settings)]
    return faults + (_takeover(settings) if settings.database_url else [])


def _credentials(settings: Settings) -> list[str]:
    """An app has an id and a secret, or a token; both kinds at once would leave open which app is meant."""
    pair = {
        "SHOPIFY_CLIENT_ID": settings.shopify_client_id,
        "SHOPIFY_CLIENT_SECRET": settings.shopify_client_secret,
    }
    there = [name for name, value in pair.items() if value]
    if len(there) == 1:
        [missing] = pair.keys() - there
        return [f"{there[0]} is set without {missing}; the Dev Dashboard shows both, set both."]
    if there and settings.shopify_access_token:
        return [
            "SHOPIFY_ACCESS_TOKEN is set beside SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET; keep the token of an"
            " old app, or the pair of an app from the Dev Dashboard, and remove the other."
        ]
    return []


def _takeover(settings: Settings) -> list[str]:
    """A worker of a fleet may be taken for dead only after what it had sent is answered or given up."""
    slowest = max(settings.kalimera_timeout_seconds, settings.shopify_timeout_seconds)
    least = ANSWERS_IN_A_TAKEOVER * slowest
    if settings.worker_takeover_seconds >= least:
        return []
    return [
        f"WORKER_TAKEOVER_SECONDS is {settings.worker_takeover_seconds:g}; with requests that may take {slowest:g} s"
        f" (KALIMERA_TIMEOUT_SECONDS, SHOPIFY_TIMEOUT_SECONDS) it must be at least {least:g}."
    ]


def _campaigns(settings: Settings) -> list[str]:
    """One address must lead to each campaign that a language has of its own."""
    url, main = settings.kalimera_campaign_url, settings.kalimera_campaign_id
    ids = {
        "KALIMERA_CAMPAIGN_ID_EN": settings.kalimera_campaign_id_en,
        "KALIMERA_CAMPAIGN_ID_HI": settings.kalimera_campaign_id_hi,
    }
    own = " and ".join(name for name, value in ids.items() if value)
    if not own or CAMPAIGN_PLACEHOLDER in url or (main and url.endswith(main)):
        return []
    return [f"KALIMERA_CAMPAIGN_URL must hold {CAMPAIGN_PLACEHOLDER} when {own} name other campaigns."]


def _alerts(settings: Settings) -> list[str]:
    """Mail needs a server, and what goes to any address a secret by which it is known there."""
    faults = []
    if settings.alert_email_to and not settings.smtp_url:
        faults.append("ALERT_EMAIL_TO is set without SMTP_URL, so no e-mail could leave; set both.")
    if settings.alert_url and not settings.alert_url_secret:
        faults.append("ALERT_URL is set without ALERT_URL_SECRET, so nobody could tell who sends; set both.")
    return faults


def open_doors(settings: Settings, declared: Iterable[Setting]) -> list[str]:
    """Name the doors that a stranger could open in production."""
    proofs = (settings.shopify_shared_secret, settings.shopify_notifications_secret, settings.shopify_client_secret)
    needed = {"FLASK_SECRET_KEY", "SYNC_API_TOKEN"} | (set() if any(proofs) else {"SHOPIFY_SHARED_SECRET"})
    doors = {each: getattr(settings, each.field) or "" for each in declared if each.opens}
    guessable = any_guessable(doors.values(), ("ordercall", settings.admin_username, settings.shopify_store_domain))
    faults = []
    for door, value in doors.items():
        if not value and door.name in needed:
            faults.append(f"{door.name} is missing; APP_ENV=production needs it.")
        elif value in guessable:
            faults.append(f"{door.name} is a default or an example that anyone can guess; choose a long random value.")
        elif value and len(value) < door.opens:
            faults.append(f"{door.name} is too short; APP_ENV=production needs {door.opens} characters or more of it.")
    return faults
