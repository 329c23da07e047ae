"""The versions of Shopify's Admin API: a new one each quarter, each open for a year and half a month.

Source: https://shopify.dev/docs/api/usage/versioning. Asking for a closed or unknown version is no error: Shopify
"falls forward" to the oldest that is open, and only the header ``X-Shopify-API-Version`` shows it.
"""

from __future__ import annotations

from datetime import UTC, datetime

UNSTABLE = "unstable"


def open_versions(now: datetime) -> list[str]:
    """Return the stable versions that are answered at *now* (aware), oldest first."""
    year = now.astimezone(UTC).year
    quarters = [(each, month) for each in (year - 2, year - 1, year) for month in (1, 4, 7, 10)]
    return [f"{each}-{month:02d}" for each, month in quarters if _opens(each, month) <= now < _closes(each, month)]


def served_version(asked: str, now: datetime) -> str:
    """Return the version that answers a request for version *asked*."""
    stable = open_versions(now)
    return asked if asked in (*stable, _candidate(stable[-1]), UNSTABLE) else stable[0]


def _opens(year: int, month: int) -> datetime:
    return datetime(year, month, 1, 17, tzinfo=UTC)


def _closes(year: int, month: int) -> datetime:
    return datetime(year + 1, month, 16, 15, tzinfo=UTC)


def _candidate(latest: str) -> str:
    """Return the release candidate: the version of the next quarter."""
    year, month = int(latest[:4]), int(latest[5:]) + 3
    return f"{year}-{month:02d}" if month <= 12 else f"{year + 1}-01"
