"""How long Shopify serves a version of its Admin API.

A version is named by its first month, a quarter's first. It closes at 15:00 UTC on the 16th of that month a year
later; from then on Shopify silently answers with the oldest version that is open.

Source: Shopify's page on API versioning, as of November 2026.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

CLOSING_DAY, CLOSING_HOUR = 16, 15
"""Of the month, and of that day in UTC."""

WARNING = timedelta(days=90)
"""How long before it closes people hear of it: a quarter, so the next version is out before it ends."""

MEND = "Set SHOPIFY_API_VERSION to one that stays open, see docs/operations.md."


def closes_at(version: str) -> datetime | None:
    """Return when a version such as "2026-10" closes, or None for what is no version of a quarter."""
    match = re.fullmatch(r"(20\d\d)-(01|04|07|10)", version)
    if not match:
        return None
    return datetime(int(match[1]) + 1, int(match[2]), CLOSING_DAY, CLOSING_HOUR, tzinfo=UTC)


def version_warning(version: str, now: datetime) -> str | None:
    """Return what a person should know of the version that is asked for, or None if all is well.

    Args:
        now: aware; a version closes at the same moment everywhere.
    """
    closes = closes_at(version)
    if closes is None:
        return f"SHOPIFY_API_VERSION is {version}, which is no version of Shopify's."
    if closes <= now:
        return f"Shopify closed its API version {version} on {_date(closes)} and answers with a later one."
    if closes - now <= WARNING:
        return f"Shopify closes its API version {version} on {_date(closes)}, in {(closes - now).days} days."
    return None


def _date(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
