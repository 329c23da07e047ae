"""How long Shopify serves a version."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ordercall.config import read_settings
from ordercall.providers.shopify.versions import closes_at, version_warning

CLOSING = datetime(2027, 10, 16, 15, tzinfo=UTC)


def test_a_version_closes_on_the_sixteenth_a_year_later() -> None:
    assert closes_at("2026-10") == CLOSING


@pytest.mark.parametrize("version", ["unstable", "2026-11", "2026-1", "", "2026-10-01", "1999-10"])
def test_what_is_no_version_has_no_end(version: str) -> None:
    assert closes_at(version) is None


@pytest.mark.parametrize(
    ("before", "word"),
    [
        (timedelta(days=90), "in 90 days"),
        (timedelta(hours=1), "in 0 days"),
        (timedelta(0), "closed"),
        (timedelta(days=-400), "closed"),
    ],
)
def test_people_hear_of_the_end_ninety_days_before(before: timedelta, word: str) -> None:
    assert word in (version_warning("2026-10", CLOSING - before) or "")


def test_a_version_with_more_time_left_is_not_worth_a_word() -> None:
    assert version_warning("2026-10", CLOSING - timedelta(days=91)) is None


def test_the_version_of_the_original_program_is_closed() -> None:
    assert "16 July 2025" in (version_warning("2024-07", datetime(2026, 11, 24, tzinfo=UTC)) or "")


def test_a_typing_error_is_told() -> None:
    assert "no version of Shopify's" in (version_warning("2026_10", datetime(2026, 11, 24, tzinfo=UTC)) or "")


def test_the_default_version_is_open() -> None:
    default = read_settings({}).shopify_api_version

    assert version_warning(default, datetime(2026, 11, 24, tzinfo=UTC)) is None
