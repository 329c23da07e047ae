"""The settings, each declared once, and read from the environment and ``.env``.

``make settings`` writes them into ``.env.example`` and ``docs/operations.md``; a test holds both to what stands here.
A dataclass and a page of readers do it: pydantic-settings takes 15 MB, environs leaves us defaults and wordings.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale

from ordercall import environment as read
from ordercall import error_reports, other_services
from ordercall.contradictions import CAMPAIGN_PLACEHOLDER, CONTACT_PLACEHOLDER, contradictions_in, open_doors
from ordercall.domain.calls.calling import CallingHours, Language
from ordercall.domain.contract import Contract
from ordercall.domain.parcels.courier_files import courier_columns
from ordercall.env_file import read_environment
from ordercall.environment import Setting, Unusable, setting
from ordercall.errors import ConfigurationError

KALIMERA = "https://api.my-buddy.ai/kalimera"
CREDENTIALS = "SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET (or SHOPIFY_ACCESS_TOKEN)"
LOCAL_NAME = "ORDERCALL_LOCAL_NAME"
"""Carries to the processes of a start the name by which a browser of this machine finds it (``processes/ports.py``)."""
FOUND_BY_NAME = ("127.0.0.1", "0.0.0.0", "::")  # noqa: S104 - compared with, not listened on

SANDBOXED = "ORDERCALL_SANDBOXED"
"""How a process tells those that it starts whether the sandbox is on: 1, or 0 where it has decided against it."""
SANDBOX_STORE, SANDBOX_CAMPAIGN = "sandbox-shop", "sandbox-campaign"
DEFAULT_PASSWORD = "admin"  # noqa: S105 - the description's own; accepted from this machine only

SESSION_KEY, TOKEN, SHARED_SECRET, PASSWORD = 32, 24, 16, 12
"""The fewest characters in production: the faster somebody can try them, the more. Shopify's have 32 and more."""
HOW_TO_MAKE_ONE = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Settings:
    """What one installation is told. Built by :func:`read_settings`.

    Each field is named like its variable, unless the declaration names another; ``.env.example`` keeps their order.
    It has no repr, because half of it is secret and a repr ends up in a log.
    """

    app_env: str = setting(
        "development listens on this machine and accepts admin / admin from it. production refuses to start while a"
        " secret is missing or guessable.",
        read.choice("development", "production"),
        "development",
    )
    host: str = setting(
        "Where the web process listens: an address of this machine. A shop behind a reverse proxy keeps 127.0.0.1.",
        read.ip_address,
        "127.0.0.1",
    )
    port: int = setting("The port of the web process.", read.port, "5000")
    public_url: str = setting(
        "Where this installation is reached from outside, such as https://ordercall.example.com. Shopify sends its"
        " webhooks there after `ordercall shopify connect`.",
        read.web_address,
    )
    log_format: str = setting(
        "text: the log is lines for people. json: one object a line, also of each webhook, job, request and report.",
        read.choice("text", "json"),
        "text",
    )
    sentry_dsn: str = setting(
        "Where errors are sent, with nothing of a customer: the DSN of a project at Sentry, or at what speaks like it.",
        error_reports.dsn,
    )
    flask_secret_key: str = setting(
        f"Signs sessions and forms: {SESSION_KEY} characters or more, as `{HOW_TO_MAKE_ONE}` makes them. Without one,"
        " people log in again after each start.",
        read.text,
        lambda above: "" if above["app_env"] == "production" else secrets.token_urlsafe(32),
        opens=SESSION_KEY,
    )
    flask_old_secret_key: str = setting(
        "The one before a change: the do-not-call list and second factors are kept by it.", read.text, opens=SESSION_KEY
    )
    admin_username: str = setting("The name that opens the dashboard.", read.text, "admin")
    admin_password: str = setting(
        f"Its password: {PASSWORD} characters or more, and no common one. The default works from this machine only.",
        read.text,
        DEFAULT_PASSWORD,
        opens=PASSWORD,
    )
    second_factor_for: frozenset[str] = setting(
        "Who can do nothing before a second factor is on: owner, agent, viewer, or several with commas.", read.roles
    )
    sync_api_token: str | None = setting(
        f"What programs send as X-App-Token: {TOKEN} characters or more, made like FLASK_SECRET_KEY. Without it only"
        " people can use the API.",
        read.optional,
        opens=TOKEN,
    )
    outcomes_secret: str | None = setting(
        f"Opens /api/outcomes/in/<secret>, for an agent that cannot send a header: {TOKEN} characters or more.",
        read.optional,
        opens=TOKEN,
    )
    trusted_proxies: read.Proxies = setting(
        "How many reverse proxies stand in front, on this machine or in a private network, whose X-Forwarded-For is"
        " believed; or the addresses and networks that they connect from, as in: 2, 10.0.3.7, 10.0.4.0/24.",
        read.proxies,
        "0",
    )
    database_path: Path = setting("The database file. It needs a local disk.", Path, "shopify_orders.db")
    database_url: str = setting(
        "A Postgres address such as postgresql://user:password@host:5432/ordercall, in place of the file: any number of"
        " web processes and workers on any number of machines.",
        read.postgres_address,
        secret=True,
    )
    worker: str = setting(
        "embedded: the worker starts with the web process. external: you run `ordercall worker` yourself.",
        read.choice("embedded", "external"),
        "embedded",
    )
    worker_concurrency: int = setting(
        "The most orders at once for which one worker asks Kalimera, and at most as many other jobs.",
        read.number(at_least=1, at_most=256),
        "16",
    )
    worker_takeover_seconds: float = setting(
        "On Postgres: seconds until the jobs of a worker that died go on elsewhere.", read.seconds(at_most=600), "60"
    )
    raw_delivery_days: int = setting(
        "After so many days the raw bodies of webhooks are emptied.", read.number(at_least=1, at_most=3_650), "30"
    )
    keep_customers_days: int = setting(
        "After so many days without a change an order that is settled is kept without its customer; counts stay right."
        " 0: for good.",
        read.number(at_most=36_500),
        "365",
    )
    keep_history_days: int = setting(
        "After so many days the timelines of such orders, and what webhooks came, are deleted. 0: never.",
        read.number(at_most=36_500),
        "365",
    )
    backup_dir: Path | None = setting(
        "A folder, best on another disk, in which the worker puts backups of the database. Empty: none are made.",
        read.folder(lambda _folder: None),
    )
    backup_every: timedelta = setting(
        "Hours between two backups.", read.hours(at_least=1, at_most=8_760), "24", name="BACKUP_EVERY"
    )
    backup_keep: int = setting(
        "So many backups are kept there; older ones are deleted.", read.number(at_least=1, at_most=10_000), "14"
    )
    calling_hours: CallingHours = setting(
        "When customers may be rung, in India time; 00:00-24:00 means always. Outside, and in the last five minutes,"
        " orders wait for the next opening.",
        read.wanting("two times of a day, the second at least five minutes later", CallingHours.parse),
        "09:00-21:00",
    )
    max_order_age: timedelta = setting(
        "An order that reaches Ordercall later than this after it was placed is stored and not rung by itself; a"
        " person's Sync now still rings it.",
        read.hours(at_least=1, at_most=1_440),
        "24",
        name="MAX_ORDER_AGE_HOURS",
    )
    reconcile_minutes: int = setting(
        "How often, in minutes, orders are read for what webhooks missed, besides at each start. 0 switches it off.",
        read.number(at_most=59),
        "15",
    )
    call_price: Decimal | None = setting(
        "What a call costs, in the shop's currency, for the page of refusals. Empty: nothing is said of it.",
        read.amount,
    )
    return_price: Decimal | None = setting(
        "What a parcel costs the shop that comes back, there and back, for the same page.", read.amount
    )
    display_timezone: ZoneInfo = setting("The time zone of the pages.", read.time_zone, "Asia/Kolkata")
    display_locale: Locale = setting(
        "How the pages write money, numbers and dates; their words stay English.", read.locale, "en_IN"
    )
    courier_columns_folder: Path | None = setting(
        "A folder with a shop's own columns for couriers, beside those that come along; docs/couriers.md tells how.",
        read.folder(courier_columns),
    )
    alert_email_to: tuple[str, ...] = other_services.ALERT_EMAIL_TO
    smtp_url: str = other_services.SMTP_URL
    alert_slack_url: str = other_services.ALERT_SLACK_URL
    alert_url: str = other_services.ALERT_URL
    alert_url_secret: str = other_services.ALERT_URL_SECRET
    oidc_issuer: str = other_services.OIDC_ISSUER
    oidc_client_id: str = other_services.OIDC_CLIENT_ID
    oidc_client_secret: str = other_services.OIDC_CLIENT_SECRET
    oidc_label: str = other_services.OIDC_LABEL
    oidc_domains: tuple[str, ...] = other_services.OIDC_DOMAINS
    sandbox_port: int = setting("The port of the sandbox, on this machine.", read.port, "5001")
    sandboxed: bool = setting("", lambda value: value == "1", name=SANDBOXED)
    local_name: str = setting("", read.text, "localhost", name=LOCAL_NAME)

    kalimera_contact_url: str = setting("Where contacts are made.", read.text, f"{KALIMERA}/contact", account=True)
    kalimera_contact_update_url: str = setting(
        f"Where a contact is brought up to date, by PUT; `{CONTACT_PLACEHOLDER}` stands for its id. Empty: nowhere.",
        read.holding(CONTACT_PLACEHOLDER),
        account=True,
    )
    kalimera_campaign_url: str = setting(
        f"Where a campaign is changed; `{CAMPAIGN_PLACEHOLDER}` stands for its id.",
        read.text,
        f"{KALIMERA}/campaign/{CAMPAIGN_PLACEHOLDER}",
        account=True,
    )
    kalimera_campaign_contacts_url: str = setting(
        "Where contacts are added to a campaign.", read.text, f"{KALIMERA}/campaign/contacts", account=True
    )
    kalimera_auth_token: str = setting(
        "The whole value of the Authorization header, with the word Bearer.", read.header, secret=True, account=True
    )
    kalimera_campaign_id: str = setting(
        "The campaign that all orders go to, but those of a language with its own.", read.text, account=True
    )
    kalimera_campaign_id_en: str = setting(
        "A campaign for calls in English alone, so that it never changes its agent.", read.text, account=True
    )
    kalimera_campaign_id_hi: str = setting("A campaign for calls in Hindi alone.", read.text, account=True)
    kalimera_agent_id_en: str = setting(
        "The voice agent that speaks English, for all orders but Gujarat's.", read.text, account=True
    )
    kalimera_agent_id_hi: str = setting(
        "The voice agent that speaks Hindi, for orders shipped to Gujarat.", read.text, account=True
    )
    kalimera_sip_list_id: str = setting("The telephone lines that the campaign calls from.", read.text, account=True)
    kalimera_timeout_seconds: float = setting(
        "How long Kalimera may take for one answer, in seconds.", read.seconds(), "10"
    )
    kalimera_call_again: str = setting(
        "How a customer is rung once more: add puts the contact on the campaign again, new-contact makes another.",
        read.choice("add", "new-contact"),
        "add",
    )
    kalimera_rings_again: str = setting(
        "Whether Kalimera rings by itself who was not reached: redials, in the next-window, both. Then we do not.",
        read.choice("no", "redials", "next-window", "both"),
        "no",
    )
    kalimera_requests_per_second: int = setting(
        "The most requests a second that Kalimera gets from each worker process. 0: as many as the jobs make.",
        read.number(at_most=1_000),
        "0",
    )
    kalimera_contract: Contract = setting(
        "A TOML file with Kalimera's names where they are not those that we took for them; docs/first-call.md.",
        read.contract,
    )

    shopify_store_domain: str = setting(
        "The shop: your-store-name, or your-store-name.myshopify.com.", read.store, account=True
    )
    shopify_client_id: str = setting(
        "The app that asks the shop, with the scopes read_orders, write_orders and read_customers: the id of an app"
        " from the Dev Dashboard, which gets tokens for a day by itself.",
        read.text,
        account=True,
    )
    shopify_client_secret: str = setting(
        "The secret of the same app, which also proves its webhooks.", read.text, opens=SHARED_SECRET, account=True
    )
    shopify_access_token: str = setting(
        "In place of id and secret: the permanent token of an app made in the shop's admin before 2026.",
        read.header,
        secret=True,
        account=True,
    )
    shopify_shared_secret: str = setting(
        "Proves the webhooks of an app with a permanent token.", read.text, opens=SHARED_SECRET, account=True
    )
    shopify_old_shared_secret: str = setting(
        "The secret before a change; all that are set are accepted.", read.text, opens=SHARED_SECRET, account=True
    )
    shopify_notifications_secret: str = setting(
        "Proves webhooks made by hand; shown under Settings, Notifications.",
        read.text,
        opens=SHARED_SECRET,
        account=True,
    )
    shopify_admin_url: str = setting(
        "Where the Admin API is reached; for tests and proxies. Empty: at the shop's own address.",
        read.without_slash,
        lambda above: f"https://{store}.myshopify.com" if (store := above["shopify_store_domain"]) else "",
        account=True,
    )
    shopify_admin_api: str = setting(
        "graphql or rest: by which of Shopify's APIs orders are read and cancelled. Empty: graphql for an app from the"
        " Dev Dashboard, rest for a permanent token.",
        read.choice("graphql", "rest"),
        lambda above: "graphql" if above["shopify_client_id"] else "rest",  # such an app is newer than the end of REST
    )
    shopify_api_version: str = setting(
        "The version of Shopify's Admin API. Shopify closes each a year after it appears.", read.text, "2026-10"
    )
    shopify_tag_confirmed: str = setting(
        "The tag of a confirmed order in Shopify: it holds the policy's write_back.tag_confirmed.", read.tag
    )
    shopify_tag_failed: str = setting("That of a failed order, which holds write_back.tag_failed.", read.tag)
    shopify_timeout_seconds: float = setting("How many seconds Shopify may take for one answer.", read.seconds(), "10")

    chosen: frozenset[str] = frozenset()
    """The variables that somebody has set, be it to their defaults."""

    @property
    def production(self) -> bool:
        return self.app_env == "production"

    @property
    def default_password(self) -> bool:
        return self.admin_password == DEFAULT_PASSWORD

    @property
    def local_url(self) -> str:
        """Where a browser of this machine finds the pages."""
        host = self.local_name if self.host in FOUND_BY_NAME else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def sandbox_url(self) -> str:
        """Where a browser of this machine finds the sandbox."""
        return f"http://{self.local_name}:{self.sandbox_port}"

    def campaign_for(self, language: Language) -> str:
        """Return the id of the campaign that calls in *language*."""
        own = self.kalimera_campaign_id_hi if language is Language.HINDI else self.kalimera_campaign_id_en
        return own or self.kalimera_campaign_id

    def agent_for(self, language: Language) -> str:
        """Return the id of the voice agent that speaks *language*."""
        return self.kalimera_agent_id_hi if language is Language.HINDI else self.kalimera_agent_id_en

    @property
    def missing_for_cancels(self) -> list[str]:
        """The settings without which Shopify cannot be asked for anything: not to show an order, nor to cancel it."""
        app = self.shopify_client_id or self.shopify_access_token
        needed = {"SHOPIFY_STORE_DOMAIN": self.shopify_store_domain, CREDENTIALS: app}
        return [name for name, value in needed.items() if not value]


SETTINGS = {
    declared.name: declared
    for declared in (each.metadata[Setting].named(each.name) for each in fields(Settings) if Setting in each.metadata)
}
"""What is known of each setting, by the name of its variable."""


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings that *environment* (default: the process's own and ``.env``) describes.

    Raises:
        ConfigurationError: with one sentence for every value that is missing or cannot be used.
    """
    environment = read_environment() if environment is None else environment
    values: dict[str, Any] = {}
    faults: list[str] = []
    for declared in SETTINGS.values():
        try:
            value = declared.value(declared.text_in(environment), values)
        except Unusable as fault:
            faults.append(f"{declared.name} {fault}")
            value = declared.value("", values)
        values[declared.field] = value
    values["chosen"] = frozenset(name for name, declared in SETTINGS.items() if declared.text_in(environment))
    settings = Settings(**values | {"sandboxed": values["sandboxed"] and values["app_env"] != "production"})
    faults += contradictions_in(values)
    faults += production_faults(settings) if settings.production else []
    if faults:
        raise ConfigurationError(faults)
    return settings


def production_faults(settings: Settings) -> list[str]:
    """Name the doors that a stranger could open."""
    doors = {(each.name, each.opens): getattr(settings, each.field) or "" for each in SETTINGS.values() if each.opens}
    return open_doors(doors, ("ordercall", settings.admin_username, settings.shopify_store_domain))
