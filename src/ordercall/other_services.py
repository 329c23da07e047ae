"""The settings of services that a shop may use beside its providers: alerts, and a sign-in for its people.

``config.Settings`` has a field for each, which decides its place among the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ordercall import environment as read
from ordercall.domain import alert_addresses
from ordercall.environment import Unusable, setting

ANY_TENANT = re.compile(r"https://login\.microsoftonline\.com/(common|organizations|consumers)(/|$)")
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z]")


def issuer(url: str) -> str:
    """The address of an OpenID Connect issuer, to the letter as its own document has it."""
    if not url:
        return ""
    parts = urlsplit(url)
    if not read.WEB_ADDRESS.fullmatch(url.rstrip("/")) or parts.query or "@" in parts.netloc:
        raise Unusable(f"is '{url}'; it must be an address such as https://accounts.google.com.")
    if ANY_TENANT.match(url):
        raise Unusable(f"is '{url}', by which anybody's tenant signs in; put your tenant's id in place of that word.")
    return url


def domains(names: str) -> tuple[str, ...]:
    """Names of domains with commas between, in small letters."""
    found = tuple(name.strip().casefold() for name in names.split(",") if name.strip())
    if not all(DOMAIN.fullmatch(name) for name in found):
        raise ValueError(names)
    return found


def _host_of_issuer(above: Mapping[str, Any]) -> str:
    return urlsplit(above["oidc_issuer"]).hostname or ""


ALERT_EMAIL_TO: tuple[str, ...] = setting(
    "Who is told by e-mail when something begins to be wrong, and when it ends; with commas between addresses.",
    read.wanting("e-mail addresses, such as on-call@example.com, with commas between", alert_addresses.mailboxes),
)
SMTP_URL: str = setting(
    "The server that sends it: smtps://user:password@host:465?from=ordercall@example.com, or smtp:// for STARTTLS."
    " In user and password, write the characters : / @ % as %3A %2F %40 %25.",
    read.wanting("an address such as smtps://user:password@host:465", alert_addresses.mail_address),
    secret=True,
)
ALERT_SLACK_URL: str = setting(
    "An incoming webhook of Slack, or of what takes the same (Mattermost, Google Chat), that is told the same.",
    read.wanting("an address that begins with https:// or http://", alert_addresses.hook),
    secret=True,
)
ALERT_URL: str = setting(
    "Any address that is told the same as JSON, signed with ALERT_URL_SECRET.",
    read.wanting("an address that begins with https:// or http://", alert_addresses.hook),
    secret=True,
)
ALERT_URL_SECRET: str = setting("Signs what is sent to ALERT_URL.", read.text, secret=True)
OIDC_ISSUER: str = setting(
    "Where people may log in by an account that they have elsewhere, by OpenID Connect: https://accounts.google.com,"
    " https://login.microsoftonline.com/<tenant id>/v2.0, or any issuer; docs/deployment.md tells how.",
    issuer,
)
OIDC_CLIENT_ID: str = setting("The id by which the issuer knows this installation.", read.text)
OIDC_CLIENT_SECRET: str = setting("The secret that goes with it.", read.text, secret=True)
OIDC_LABEL: str = setting("What people call the issuer. Empty: its host.", read.text, _host_of_issuer)
OIDC_DOMAINS: tuple[str, ...] = setting(
    "Only accounts there whose e-mail address is verified and of one of these domains count; with commas between."
    " Empty: all of the issuer's.",
    read.wanting("names of domains, such as example.com, with commas between", domains),
)
