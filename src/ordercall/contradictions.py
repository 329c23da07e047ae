"""Settings that contradict each other: a sentence for each, with what to change."""

from __future__ import annotations

from collections.abc import Collection

CAMPAIGN_PLACEHOLDER = "<campaign id>"

ANSWERS_IN_A_TAKEOVER = 3
"""A third of WORKER_TAKEOVER_SECONDS is left for answers (``jobs/takeover.py``)."""


def credential_faults(client_id: str, client_secret: str, access_token: str) -> list[str]:
    """An app has an id and a secret, or a token; both kinds at once would leave open which app is meant."""
    pair = {"SHOPIFY_CLIENT_ID": client_id, "SHOPIFY_CLIENT_SECRET": client_secret}
    there = [name for name, value in pair.items() if value]
    if len(there) == 1:
        [missing] = pair.keys() - there
        return [f"{there[0]} is set without {missing}; the Dev Dashboard shows both, set both."]
    if there and access_token:
        return [
            "SHOPIFY_ACCESS_TOKEN is set beside SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET; keep the token of an"
            " old app, or the pair of an app from the Dev Dashboard, and remove the other."
        ]
    return []


def fleet_faults(takeover_seconds: float, slowest: float) -> list[str]:
    """A worker may be taken for dead only after what it had sent is answered or given up, after *slowest* seconds."""
    least = ANSWERS_IN_A_TAKEOVER * slowest
    if takeover_seconds >= least:
        return []
    return [
        f"WORKER_TAKEOVER_SECONDS is {takeover_seconds:g}; with requests that may take {slowest:g} s"
        f" (KALIMERA_TIMEOUT_SECONDS, SHOPIFY_TIMEOUT_SECONDS) it must be at least {least:g}."
    ]


def campaign_faults(url: str, main: str, english: str, hindi: str) -> list[str]:
    """One address must lead to each campaign that a language has of its own."""
    ids = {"KALIMERA_CAMPAIGN_ID_EN": english, "KALIMERA_CAMPAIGN_ID_HI": hindi}
    own = " and ".join(name for name, value in ids.items() if value)
    if not own or CAMPAIGN_PLACEHOLDER in url or (main and url.endswith(main)):
        return []
    return [f"KALIMERA_CAMPAIGN_URL must hold {CAMPAIGN_PLACEHOLDER} when {own} name other campaigns."]


def alert_faults(mailboxes: Collection[str], mail_server: str, url: str, secret: str) -> list[str]:
    """Mail needs a server, and what goes to any address a secret by which it is known there."""
    faults = []
    if mailboxes and not mail_server:
        faults.append("ALERT_EMAIL_TO is set without SMTP_URL, so no e-mail could leave; set both.")
    if url and not secret:
        faults.append("ALERT_URL is set without ALERT_URL_SECRET, so nobody could tell who sends; set both.")
    return faults
