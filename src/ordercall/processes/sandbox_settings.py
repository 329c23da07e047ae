"""Whether a start runs against the sandbox, and what its settings are then."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from ordercall.config import SANDBOX_CAMPAIGN, SANDBOX_STORE, SANDBOXED, SETTINGS
from ordercall.contradictions import CAMPAIGN_PLACEHOLDER


def wants_sandbox(environment: Mapping[str, str]) -> bool:
    """Return whether a development machine knows of no account with Kalimera or Shopify, and nobody has decided yet."""
    if SANDBOXED in environment:
        return False
    production = environment.get("APP_ENV", "").strip() == "production"
    return not production and not any(each.chosen_in(environment) for each in SETTINGS.values() if each.account)


def with_sandbox(environment: Mapping[str, str]) -> dict[str, str]:
    """Return *environment* pointed at the sandbox, with fresh secrets for this start.

    Real values stay out of the way: this is for an environment of which :func:`wants_sandbox` is true. The
    result carries :data:`SANDBOXED` so that the processes started with it know where they are.
    """
    port = SETTINGS["SANDBOX_PORT"]
    sandbox = f"http://127.0.0.1:{port.chosen_in(environment) or port.default}"
    return dict(environment) | {
        SANDBOXED: "1",
        "CALLING_HOURS": SETTINGS["CALLING_HOURS"].chosen_in(environment) or "00:00-24:00",  # nobody is woken here
        "SYNC_API_TOKEN": environment.get("SYNC_API_TOKEN") or secrets.token_urlsafe(24),
        "FLASK_SECRET_KEY": environment.get("FLASK_SECRET_KEY") or secrets.token_urlsafe(32),
        "KALIMERA_CONTACT_URL": f"{sandbox}/kalimera/contact",
        "KALIMERA_CAMPAIGN_ID": SANDBOX_CAMPAIGN,
        "KALIMERA_CAMPAIGN_URL": f"{sandbox}/kalimera/campaign/{CAMPAIGN_PLACEHOLDER}",
        "KALIMERA_CAMPAIGN_CONTACTS_URL": f"{sandbox}/kalimera/campaign/contacts",
        "KALIMERA_AUTH_TOKEN": f"Bearer {secrets.token_urlsafe(24)}",
        "KALIMERA_AGENT_ID_EN": "sandbox-agent-english",
        "KALIMERA_AGENT_ID_HI": "sandbox-agent-hindi",
        "KALIMERA_SIP_LIST_ID": "sandbox-sip-list",
        "SHOPIFY_OLD_SHARED_SECRET": secrets.token_urlsafe(24),
        "SHOPIFY_NOTIFICATIONS_SECRET": secrets.token_urlsafe(24),
        "SHOPIFY_STORE_DOMAIN": SANDBOX_STORE,
        "SHOPIFY_ADMIN_URL": f"{sandbox}/shopify",
        "SHOPIFY_CLIENT_ID": "sandbox-app",
        "SHOPIFY_CLIENT_SECRET": secrets.token_urlsafe(24),
    }
