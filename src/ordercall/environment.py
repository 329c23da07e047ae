"""Reading one setting after the other from an environment, with a sentence for each that cannot be used."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

KALIMERA = "https://api.my-buddy.ai/kalimera"
CAMPAIGN_PLACEHOLDER = "<campaign id>"
LONGEST_TAG = 40
"""Shopify's limit for a tag of an order."""
STORE = re.compile(r"[a-z0-9][a-z0-9-]*")


class Values:
    """The raw texts of an environment, and what was wrong with those that were asked for."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.faults: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return self._environment.get(name, "").strip() or default

    def header(self, name: str) -> str:
        """A text that is sent as an HTTP header."""
        value = self.text(name)
        if value.isascii() and value.isprintable():
            return value
        self.faults.append(f"{name} holds characters that no HTTP header can carry; copy it again.")
        return ""

    def tag(self, name: str) -> str:
        """A tag that Shopify takes as it is."""
        value = self.text(name)
        if len(value) > LONGEST_TAG or "," in value:
            self.faults.append(f"{name} is '{value}'; one tag has at most {LONGEST_TAG} characters and no comma.")
        return value

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """The first choice is the default."""
        value = self.text(name, choices[0])
        if value not in choices:
            self.faults.append(f"{name} is '{value}'; it must be {' or '.join(choices)}.")
            return choices[0]
        return value

    def number(self, name: str, default: int, *, at_least: int = 0, at_most: int) -> int:
        value = self.read(name, str(default), int, "a whole number")
        if not at_least <= value <= at_most:
            self.faults.append(f"{name} is {value}; it must lie between {at_least} and {at_most}.")
        return value

    def seconds(self, name: str, default: float, *, at_most: int = 300) -> float:
        value = self.read(name, str(default), float, "a number")
        if not 0 < value <= at_most:
            self.faults.append(f"{name} is {value}; it must be more than 0 and at most {at_most} seconds.")
        return value

    def read[T](self, name: str, default: str, reader: Callable[[str], T], wanted: str) -> T:
        """What *reader* makes of a text. Its own complaint is not shown: each Python has other words for it."""
        value = self.text(name, default)
        try:
            return reader(value)
        except (ValueError, KeyError, OSError):
            self.faults.append(f"{name} is '{value}'; it must be {wanted}, such as {default}.")
            return reader(default)

    def web_address(self, name: str) -> str:
        """An address that Shopify can send to: https, or this machine for a sandbox."""
        value = self.text(name).rstrip("/")
        if value and not re.fullmatch(r"https://[^/\s?#]+(/[^\s?#]*)?|http://(localhost|127\.0\.0\.1)(:\d+)?", value):
            self.faults.append(f"{name} is '{value}'; it must be an address such as https://ordercall.example.com.")
        return value

    def database_url(self) -> str:
        """A Postgres address that libpq can read; the fault never quotes it, because it holds a password."""
        url = self.text("DATABASE_URL")
        if not url:
            return ""
        if not url.startswith(("postgresql://", "postgres://")):
            self.faults.append("DATABASE_URL must begin with postgresql://; a SQLite file is named by DATABASE_PATH.")
            return ""
        import psycopg  # late: it takes 5 MB of every process, and most shops live in a file

        try:
            psycopg.conninfo.conninfo_to_dict(url)
        except psycopg.ProgrammingError:
            self.faults.append(
                "DATABASE_URL cannot be read as an address. An example: postgresql://user:password@host:5432/ordercall"
                " (in a password, write the characters : / @ % as %3A %2F %40 %25)"
            )
            return ""
        return url

    def store(self) -> str:
        """The shop's name in its myshopify.com address, in small letters as Shopify's webhooks name it.

        It becomes part of the address that the token is sent to.
        """
        value = self.text("SHOPIFY_STORE_DOMAIN")
        store = value.lower().removeprefix("https://").rstrip("/").removesuffix(".myshopify.com")
        if store and not STORE.fullmatch(store):
            self.faults.append(
                f"SHOPIFY_STORE_DOMAIN is '{value}'; it must be your-store-name, or your-store-name.myshopify.com."
            )
        return store

    def check_shopify_credentials(self) -> None:
        """An app has an id and a secret, or a token; both kinds at once would leave open which app is meant."""
        pair = {name: bool(self.text(name)) for name in ("SHOPIFY_CLIENT_ID", "SHOPIFY_CLIENT_SECRET")}
        if len(set(pair.values())) == 2:
            there, missing = sorted(pair, key=lambda name: not pair[name])
            self.faults.append(f"{there} is set without {missing}; the Dev Dashboard shows both, set both.")
        elif all(pair.values()) and self.text("SHOPIFY_ACCESS_TOKEN"):
            self.faults.append(
                "SHOPIFY_ACCESS_TOKEN is set beside SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET; keep the token of an"
                " old app, or the pair of an app from the Dev Dashboard, and remove the other."
            )

    def campaign_url(self) -> str:
        url = self.text("KALIMERA_CAMPAIGN_URL", f"{KALIMERA}/campaign/{CAMPAIGN_PLACEHOLDER}")
        own = [name for name in ("KALIMERA_CAMPAIGN_ID_EN", "KALIMERA_CAMPAIGN_ID_HI") if self.text(name)]
        main = self.text("KALIMERA_CAMPAIGN_ID")
        if own and CAMPAIGN_PLACEHOLDER not in url and not (main and url.endswith(main)):
            self.faults.append(
                f"KALIMERA_CAMPAIGN_URL must hold {CAMPAIGN_PLACEHOLDER} when {' and '.join(own)} name other campaigns."
            )
        return url
