"""Settings that are fine one by one and wrong together, or in public: a sentence for each, with what to change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ordercall.guessable import any_guessable

CAMPAIGN_PLACEHOLDER, CONTACT_PLACEHOLDER = "<campaign id>", "<contact id>"

NEEDED = frozenset({"FLASK_SECRET_KEY", "SYNC_API_TOKEN"})
PROOFS = frozenset({"SHOPIFY_SHARED_SECRET", "SHOPIFY_NOTIFICATIONS_SECRET", "SHOPIFY_CLIENT_SECRET"})
"""One of them proves webhooks."""

ANSWERS_IN_A_TAKEOVER = 3
"""A third of WORKER_TAKEOVER_SECONDS is left for answers (``jobs/takeover.py``)."""


def contradictions_in(values: Mapping[str, Any]) -> list[str]:
    """Name the settings that leave open what is meant, or of which one is nothing without another.

    Args:
        values: by the names of the fields of ``config.Settings``, which is made of them when nothing is wrong.
    """
    faults = [*_campaigns(values), *_credentials(values), *_alerts(values), *_issuer(values)]
    return faults + (_takeover(values) if values["database_url"] else [])


def _credentials(values: Mapping[str, Any]) -> list[str]:
    """An app has an id and a secret, or a token; both kinds at once would leave open which app is meant."""
    pair = {
        "SHOPIFY_CLIENT_ID": values["shopify_client_id"],
        "SHOPIFY_CLIENT_SECRET": values["shopify_client_secret"],
    }
    there = [name for name, value in pair.items() if value]
    if len(there) == 1:
        [missing] = pair.keys() - there
        return [f"{there[0]} is set without {missing}; the Dev Dashboard shows both, set both."]
    if there and values["shopify_access_token"]:
        return [
            "SHOPIFY_ACCESS_TOKEN is set beside SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET; keep the token of an"
            " old app, or the pair of an app from the Dev Dashboard, and remove the other."
        ]
    return []


def _takeover(values: Mapping[str, Any]) -> list[str]:
    """A worker of a fleet may be taken for dead only after what it had sent is answered or given up."""
    slowest = max(values["kalimera_timeout_seconds"], values["shopify_timeout_seconds"])
    least = ANSWERS_IN_A_TAKEOVER * slowest
    if values["worker_takeover_seconds"] >= least:
        return []
    return [
        f"WORKER_TAKEOVER_SECONDS is {values['worker_takeover_seconds']:g}; with requests that may take {slowest:g} s"
        f" (KALIMERA_TIMEOUT_SECONDS, SHOPIFY_TIMEOUT_SECONDS) it must be at least {least:g}."
    ]


def _campaigns(values: Mapping[str, Any]) -> list[str]:
    """One address must lead to each campaign that a language has of its own."""
    url, main = values["kalimera_campaign_url"], values["kalimera_campaign_id"]
    ids = {
        "KALIMERA_CAMPAIGN_ID_EN": values["kalimera_campaign_id_en"],
        "KALIMERA_CAMPAIGN_ID_HI": values["kalimera_campaign_id_hi"],
    }
    own = " and ".join(name for name, value in ids.items() if value)
    if not own or CAMPAIGN_PLACEHOLDER in url or (main and url.endswith(main)):
        return []
    return [f"KALIMERA_CAMPAIGN_URL must hold {CAMPAIGN_PLACEHOLDER} when {own} name other campaigns."]


def _alerts(values: Mapping[str, Any]) -> list[str]:
    """Mail needs a server, and what goes to any address a secret by which it is known there."""
    faults = []
    if values["alert_email_to"] and not values["smtp_url"]:
        faults.append("ALERT_EMAIL_TO is set without SMTP_URL, so no e-mail could leave; set both.")
    if values["alert_url"] and not values["alert_url_secret"]:
        faults.append("ALERT_URL is set without ALERT_URL_SECRET, so nobody could tell who sends; set both.")
    return faults


def _issuer(values: Mapping[str, Any]) -> list[str]:
    """Who logs in by an issuer is sent there and back again, and both must know this installation."""
    needed = ("oidc_issuer", "oidc_client_id", "oidc_client_secret", "public_url")
    there = [name.upper() for name in needed[:3] if values[name]]
    missing = [name.upper() for name in needed if not values[name]]
    if not there and values["oidc_domains"]:
        there = ["OIDC_DOMAINS"]
    if not there or not missing:
        return []
    return [f"{there[0]} is set without {' and '.join(missing)}; a sign-in by OpenID Connect needs all of them."]


def open_doors(doors: Mapping[tuple[str, int], str], own: Iterable[str]) -> list[str]:
    """Name the doors that a stranger could open in production.

    Args:
        doors: the secrets, by the setting's name and the fewest characters that keep a stranger out.
        own: words that a stranger would try here first.
    """
    proven = any(value for (name, _), value in doors.items() if name in PROOFS)
    needed = NEEDED if proven else NEEDED | {"SHOPIFY_SHARED_SECRET"}
    guessable = any_guessable(doors.values(), own)
    faults = []
    for (name, fewest), value in doors.items():
        if not value and name in needed:
            faults.append(f"{name} is missing; APP_ENV=production needs it.")
        elif value in guessable:
            faults.append(f"{name} is a default or an example that anyone can guess; choose a long random value.")
        elif value and len(value) < fewest:
            faults.append(f"{name} is too short; APP_ENV=production needs {fewest} characters or more of it.")
    return faults
