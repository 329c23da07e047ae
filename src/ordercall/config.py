"""The settings, read once from the environment and ``.env``. ``.env.example`` explains each in a sentence."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from dotenv import dotenv_values

from ordercall.domain.calling import CallingHours, Language
from ordercall.domain.orders import Status
from ordercall.environment import CAMPAIGN_PLACEHOLDER, KALIMERA, Values
from ordercall.errors import ConfigurationError

PROVIDER_SETTINGS = (
    "KALIMERA_AUTH_TOKEN",
    "KALIMERA_CAMPAIGN_ID",
    "KALIMERA_CONTACT_URL",
    "SHOPIFY_SHARED_SECRET",
    "SHOPIFY_NOTIFICATIONS_SECRET",
    "SHOPIFY_STORE_DOMAIN",
    "SHOPIFY_CLIENT_ID",
    "SHOPIFY_CLIENT_SECRET",
    "SHOPIFY_ACCESS_TOKEN",
    "SHOPIFY_ADMIN_URL",
)
"""With none of these set, a development machine talks to the sandbox instead."""
CREDENTIALS = "SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET (or SHOPIFY_ACCESS_TOKEN)"
ANSWERS_IN_A_TAKEOVER = 3
"""A third of WORKER_TAKEOVER_SECONDS is left for answers (``jobs/takeover.py``)."""

DEFAULT_PASSWORD = "admin"  # noqa: S105 - the description's own; accepted from this machine only
GUESSABLE = frozenset({"admin", "changeme", "change-me", "default", "dev", "development", "password", "secret", "test"})
GUESSABLE_BEGINNINGS = ("your-", "your_", "example", "sandbox", "change")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Settings:
    """What one installation is told. Built by :func:`read_settings`; every field is named like its variable.

    It has no repr, because half of it is secret and a repr ends up in a log.
    """

    app_env: str
    host: str
    port: int
    flask_secret_key: str
    admin_username: str
    admin_password: str
    sync_api_token: str | None
    trusted_proxies: int
    database_path: Path
    database_url: str
    worker: str
    worker_concurrency: int
    worker_takeover_seconds: float
    raw_delivery_days: int
    calling_hours: CallingHours
    max_order_age: timedelta
    reconcile_minutes: int
    display_timezone: ZoneInfo
    display_locale: Locale
    sandbox_port: int
    sandboxed: bool
    public_url: str

    kalimera_contact_url: str
    kalimera_campaign_id: str
    kalimera_campaign_id_en: str
    kalimera_campaign_id_hi: str
    kalimera_campaign_url: str
    kalimera_campaign_contacts_url: str
    kalimera_auth_token: str
    kalimera_agent_id_en: str
    kalimera_agent_id_hi: str
    kalimera_sip_list_id: str
    kalimera_timeout_seconds: float
    kalimera_requests_per_second: int

    shopify_shared_secret: str
    shopify_old_shared_secret: str
    shopify_notifications_secret: str
    shopify_store_domain: str
    shopify_admin_url: str
    shopify_api_version: str
    shopify_admin_api: str
    shopify_client_id: str
    shopify_client_secret: str
    shopify_access_token: str
    shopify_tag_confirmed: str
    shopify_tag_failed: str
    shopify_timeout_seconds: float

    @property
    def production(self) -> bool:
        return self.app_env == "production"

    @property
    def default_password(self) -> bool:
        return self.admin_password == DEFAULT_PASSWORD

    def campaign_for(self, language: Language) -> str:
        """Return the id of the campaign that calls in *language*."""
        own = self.kalimera_campaign_id_hi if language is Language.HINDI else self.kalimera_campaign_id_en
        return own or self.kalimera_campaign_id

    def agent_for(self, language: Language) -> str:
        """Return the id of the voice agent that speaks *language*."""
        return self.kalimera_agent_id_hi if language is Language.HINDI else self.kalimera_agent_id_en

    def campaign_url_for(self, campaign_id: str) -> str:
        """Return the address of one campaign. The setting may hold ``<campaign id>`` or end with the main id."""
        url = self.kalimera_campaign_url
        if CAMPAIGN_PLACEHOLDER in url:
            return url.replace(CAMPAIGN_PLACEHOLDER, campaign_id)
        main = self.kalimera_campaign_id
        return url.removesuffix(main) + campaign_id if main and url.endswith(main) else url

    @property
    def tags(self) -> dict[Status, str]:
        """The tags that orders get in Shopify, by the status that they get them for; none by default."""
        offered = {Status.SUCCESS: self.shopify_tag_confirmed, Status.FAILED: self.shopify_tag_failed}
        return {status: tag for status, tag in offered.items() if tag}

    @property
    def missing_for_calls(self) -> list[str]:
        """The settings without which no customer can be called."""
        needed = {
            "KALIMERA_AUTH_TOKEN": self.kalimera_auth_token,
            "KALIMERA_AGENT_ID_EN": self.kalimera_agent_id_en,
            "KALIMERA_AGENT_ID_HI": self.kalimera_agent_id_hi,
            "KALIMERA_CAMPAIGN_ID": self.campaign_for(Language.ENGLISH) and self.campaign_for(Language.HINDI),
        }
        return [name for name, value in needed.items() if not value]

    @property
    def missing_for_cancels(self) -> list[str]:
        """The settings without which Shopify cannot be asked for anything: not to show an order, nor to cancel it."""
        needed = {
            "SHOPIFY_STORE_DOMAIN": self.shopify_store_domain,
            CREDENTIALS: self.shopify_client_id or self.shopify_access_token,
        }
        return [name for name, value in needed.items() if not value]


def read_environment(folder: Path | None = None) -> dict[str, str]:
    """Return the environment, and below it what ``.env`` in *folder* (default: here) says."""
    from_file = dotenv_values((folder or Path.cwd()) / ".env")
    return {key: value for key, value in from_file.items() if value is not None} | dict(os.environ)


def wants_sandbox(environment: Mapping[str, str]) -> bool:
    """Return whether nothing about Kalimera or Shopify is set on a development machine."""
    production = environment.get("APP_ENV", "").strip() == "production"
    return not production and not any(environment.get(name, "").strip() for name in PROVIDER_SETTINGS)


def with_sandbox(environment: Mapping[str, str]) -> dict[str, str]:
    """Return *environment* pointed at the sandbox, with fresh secrets for this start.

    Real values stay out of the way: this is for an environment of which :func:`wants_sandbox` is true. The
    result carries ``ORDERCALL_SANDBOXED`` so that the processes started with it know where they are.
    """
    port = environment.get("SANDBOX_PORT", "").strip() or "5001"
    sandbox = f"http://127.0.0.1:{port}"
    return dict(environment) | {
        "ORDERCALL_SANDBOXED": "1",
        "CALLING_HOURS": environment.get("CALLING_HOURS") or "00:00-24:00",  # nobody is woken here
        "SYNC_API_TOKEN": environment.get("SYNC_API_TOKEN") or secrets.token_urlsafe(24),
        "FLASK_SECRET_KEY": environment.get("FLASK_SECRET_KEY") or secrets.token_urlsafe(32),
        "KALIMERA_CONTACT_URL": f"{sandbox}/kalimera/contact",
        "KALIMERA_CAMPAIGN_ID": "sandbox-campaign",
        "KALIMERA_CAMPAIGN_URL": f"{sandbox}/kalimera/campaign/{CAMPAIGN_PLACEHOLDER}",
        "KALIMERA_CAMPAIGN_CONTACTS_URL": f"{sandbox}/kalimera/campaign/contacts",
        "KALIMERA_AUTH_TOKEN": f"Bearer {secrets.token_urlsafe(24)}",
        "KALIMERA_AGENT_ID_EN": "sandbox-agent-english",
        "KALIMERA_AGENT_ID_HI": "sandbox-agent-hindi",
        "KALIMERA_SIP_LIST_ID": "sandbox-sip-list",
        "SHOPIFY_OLD_SHARED_SECRET": secrets.token_urlsafe(24),
        "SHOPIFY_NOTIFICATIONS_SECRET": secrets.token_urlsafe(24),
        "SHOPIFY_STORE_DOMAIN": "sandbox-shop",
        "SHOPIFY_ADMIN_URL": f"{sandbox}/shopify",
        "SHOPIFY_CLIENT_ID": "sandbox-app",
        "SHOPIFY_CLIENT_SECRET": secrets.token_urlsafe(24),
    }


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings that *environment* (default: the process's own and ``.env``) describes.

    Raises:
        ConfigurationError: with one sentence for every value that is missing or cannot be used.
    """
    values = Values(read_environment() if environment is None else environment)
    settings = _settings(values)
    values.faults += _production_faults(settings) if settings.production else []
    values.faults += _fleet_faults(settings) if settings.database_url else []
    if values.faults:
        raise ConfigurationError(values.faults)
    return settings


def _settings(values: Values) -> Settings:
    app_env = values.choice("APP_ENV", ("development", "production"))
    production = app_env == "production"
    store = values.store()
    values.check_shopify_credentials()
    return Settings(
        app_env=app_env,
        host=values.text("HOST", "127.0.0.1"),
        port=values.number("PORT", 5000, at_most=65_535),
        flask_secret_key=values.text("FLASK_SECRET_KEY", "" if production else secrets.token_urlsafe(32)),
        admin_username=values.text("ADMIN_USERNAME", "admin"),
        admin_password=values.text("ADMIN_PASSWORD", DEFAULT_PASSWORD),
        sync_api_token=values.text("SYNC_API_TOKEN") or None,
        trusted_proxies=values.number("TRUSTED_PROXIES", 0, at_most=10),
        database_path=Path(values.text("DATABASE_PATH", "shopify_orders.db")),
        database_url=values.database_url(),
        worker=values.choice("WORKER", ("embedded", "external")),
        worker_concurrency=values.number("WORKER_CONCURRENCY", 16, at_least=1, at_most=200),
        worker_takeover_seconds=values.seconds("WORKER_TAKEOVER_SECONDS", 60, at_most=600),
        raw_delivery_days=values.number("RAW_DELIVERY_DAYS", 30, at_least=1, at_most=3_650),
        calling_hours=values.read(
            "CALLING_HOURS",
            "09:00-21:00",
            CallingHours.parse,
            "two times of a day, the second at least five minutes later",
        ),
        max_order_age=timedelta(hours=values.number("MAX_ORDER_AGE_HOURS", 24, at_least=1, at_most=1_440)),
        reconcile_minutes=values.number("RECONCILE_MINUTES", 15, at_most=59),
        display_timezone=values.read("DISPLAY_TIMEZONE", "Asia/Kolkata", ZoneInfo, "the name of a time zone"),
        display_locale=values.read("DISPLAY_LOCALE", "en_IN", _locale, "the name of a locale"),
        sandbox_port=values.number("SANDBOX_PORT", 5001, at_most=65_535),
        sandboxed=values.text("ORDERCALL_SANDBOXED") == "1",
        public_url=values.web_address("PUBLIC_URL"),
        kalimera_contact_url=values.text("KALIMERA_CONTACT_URL", f"{KALIMERA}/contact"),
        kalimera_campaign_id=values.text("KALIMERA_CAMPAIGN_ID"),
        kalimera_campaign_id_en=values.text("KALIMERA_CAMPAIGN_ID_EN"),
        kalimera_campaign_id_hi=values.text("KALIMERA_CAMPAIGN_ID_HI"),
        kalimera_campaign_url=values.campaign_url(),
        kalimera_campaign_contacts_url=values.text("KALIMERA_CAMPAIGN_CONTACTS_URL", f"{KALIMERA}/campaign/contacts"),
        kalimera_auth_token=values.header("KALIMERA_AUTH_TOKEN"),
        kalimera_agent_id_en=values.text("KALIMERA_AGENT_ID_EN"),
        kalimera_agent_id_hi=values.text("KALIMERA_AGENT_ID_HI"),
        kalimera_sip_list_id=values.text("KALIMERA_SIP_LIST_ID"),
        kalimera_timeout_seconds=values.seconds("KALIMERA_TIMEOUT_SECONDS", 10),
        kalimera_requests_per_second=values.number("KALIMERA_REQUESTS_PER_SECOND", 0, at_most=1_000),
        shopify_shared_secret=values.text("SHOPIFY_SHARED_SECRET"),
        shopify_old_shared_secret=values.text("SHOPIFY_OLD_SHARED_SECRET"),
        shopify_notifications_secret=values.text("SHOPIFY_NOTIFICATIONS_SECRET"),
        shopify_store_domain=store,
        shopify_admin_url=values.text("SHOPIFY_ADMIN_URL", f"https://{store}.myshopify.com").rstrip("/"),
        shopify_api_version=values.text("SHOPIFY_API_VERSION", "2026-10"),
        shopify_admin_api=values.choice("SHOPIFY_ADMIN_API", _admin_apis(values)),
        shopify_client_id=values.text("SHOPIFY_CLIENT_ID"),
        shopify_client_secret=values.text("SHOPIFY_CLIENT_SECRET"),
        shopify_access_token=values.header("SHOPIFY_ACCESS_TOKEN"),
        shopify_tag_confirmed=values.tag("SHOPIFY_TAG_CONFIRMED"),
        shopify_tag_failed=values.tag("SHOPIFY_TAG_FAILED"),
        shopify_timeout_seconds=values.seconds("SHOPIFY_TIMEOUT_SECONDS", 10),
    )


def _admin_apis(values: Values) -> tuple[str, str]:
    """Return the APIs, the default first: an app of the Dev Dashboard is newer than Shopify's farewell to REST."""
    return ("graphql", "rest") if values.text("SHOPIFY_CLIENT_ID") else ("rest", "graphql")


def _locale(name: str) -> Locale:
    try:
        return Locale.parse(name.replace("-", "_"))
    except UnknownLocaleError as error:
        raise ValueError(error) from error


def _fleet_faults(settings: Settings) -> list[str]:
    """A worker may be taken for dead only after what it had sent is answered or given up."""
    slowest = max(settings.kalimera_timeout_seconds, settings.shopify_timeout_seconds)
    least = ANSWERS_IN_A_TAKEOVER * slowest
    if settings.worker_takeover_seconds >= least:
        return []
    return [
        f"WORKER_TAKEOVER_SECONDS is {settings.worker_takeover_seconds:g}; with requests that may take {slowest:g} s"
        f" (KALIMERA_TIMEOUT_SECONDS, SHOPIFY_TIMEOUT_SECONDS) it must be at least {least:g}."
    ]


def _production_faults(settings: Settings) -> list[str]:
    """Name the doors that a stranger could open."""
    webhooks = {
        "SHOPIFY_SHARED_SECRET": settings.shopify_shared_secret,
        "SHOPIFY_OLD_SHARED_SECRET": settings.shopify_old_shared_secret,
        "SHOPIFY_NOTIFICATIONS_SECRET": settings.shopify_notifications_secret,
        "SHOPIFY_CLIENT_SECRET": settings.shopify_client_secret,
    }
    used = {name: value for name, value in webhooks.items() if value}
    if not used.keys() - {"SHOPIFY_OLD_SHARED_SECRET"}:
        used["SHOPIFY_SHARED_SECRET"] = ""
    secrets_wanted: dict[str, Any] = {
        "FLASK_SECRET_KEY": settings.flask_secret_key,
        **used,
        "SYNC_API_TOKEN": settings.sync_api_token,
        "ADMIN_PASSWORD": settings.admin_password,
    }
    faults = []
    for name, value in secrets_wanted.items():
        if not value:
            faults.append(f"{name} is missing; APP_ENV=production needs it.")
        elif _guessable(value):
            faults.append(f"{name} is a default or an example that anyone can guess; choose a long random value.")
    return faults


def _guessable(value: str) -> bool:
    plain = value.casefold()
    return plain in GUESSABLE or plain.startswith(GUESSABLE_BEGINNINGS)
