"""When customers may be rung, and in which language: what a policy says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from ordercall.domain.calls.calling import CallingHours, CallWindow, Language
from ordercall.domain.orders.order import OrderFacts
from ordercall.domain.policy.rules import When, agent_rule, pick_language

INDIA = ZoneInfo("Asia/Kolkata")


def daily(hours: str) -> When:
    """Return what says that each day has the same hours."""
    return When(week=(CallingHours.parse(hours),) * 7)


DAY = daily("09:00-21:00")
ALWAYS = daily("00:00-24:00")


def at(hour: int, minute: int = 0, second: int = 0, *, day: int = 23) -> datetime:
    """Return a time of day in India."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=INDIA)


@pytest.mark.parametrize(
    ("state", "language"),
    [
        ("Gujarat", Language.HINDI),
        ("gujarat", Language.HINDI),
        ("GUJARAT", Language.HINDI),
        ("GJ", Language.HINDI),
        ("gj", Language.HINDI),
        ("Gujrat", Language.HINDI),
        ("  Gujarat ", Language.HINDI),
        ("Maharashtra", Language.ENGLISH),
        ("Gujarat State", Language.HINDI),
        ("", Language.ENGLISH),
        (None, Language.ENGLISH),
    ],
)
def test_gujarat_hears_hindi_and_everyone_else_english(state: str | None, language: Language) -> None:
    assert pick_language(state) is language


@pytest.mark.parametrize(
    "state",
    [
        "ગુજરાત",
        "गुजरात",
        " ગુજરાત ",
        "Gujarāt",
        "GUJARĀT",
        "Gujarat, India",
        "Gujarat India",
        "ગુજરાત, ભારત",
        "Gujarat (GJ)",
        "Surat, Gujarat",
        "gujarat\u00a0",
        "Guja\u200brat",
        "Ｇｕｊａｒａｔ",
        "G.J.",
        "Gujarat - 395007",
        "Gujarath",
        "gujraat",
        "குஜராத்",
    ],
)
def test_gujarat_is_known_in_every_spelling(state: str) -> None:
    assert pick_language(state) is Language.HINDI


@pytest.mark.parametrize(
    "state", ["Gujranwala", "Rajasthan", "राजस्थान", "મહારાષ્ટ્ર", "Not Gujarat", "India", ", ,", "G", "Gujarat Nagar"]
)
def test_what_only_resembles_gujarat_is_another_state(state: str) -> None:
    assert pick_language(state) is Language.ENGLISH


@pytest.mark.parametrize(
    ("state", "code", "country", "language"),
    [
        ("ଅନ୍ୟ", "GJ", "IN", Language.HINDI),
        (None, "gj", None, Language.HINDI),
        ("Gujarat", "IN-GJ", "India", Language.HINDI),
        ("Gujarat", "MH", "IN", Language.ENGLISH),
        ("Maharashtra", " GJ ", "IN", Language.HINDI),
        ("Gujarat", "", "IN", Language.HINDI),
        ("Gujarat", "24", "IN", Language.HINDI),
        ("Gujarat", "XX", "IN", Language.HINDI),
        ("Gujarat", "NA", "IN", Language.HINDI),
        (None, "Gujarat", "IN", Language.HINDI),
        (None, "GJ", "Republic of India", Language.HINDI),
        (None, "GJ", "इंडिया", Language.HINDI),
        (None, "GJ", "Hindustan", Language.HINDI),
        ("Gujrat", None, "Pakistan", Language.ENGLISH),
        ("Gujarat", "XX", "PK", Language.ENGLISH),
        ("Gorj", "GJ", "RO", Language.ENGLISH),
        ("Gorj", "GJ", "Romania", Language.ENGLISH),
    ],
)
def test_the_code_of_the_province_decides_before_its_name(
    state: str | None, code: str, country: str | None, language: Language
) -> None:
    assert pick_language(state, code, country) is language


@pytest.mark.parametrize(
    ("state", "code", "rule"),
    [
        (None, None, "The order names no state, and only Gujarat is called in Hindi."),
        ("Gujarat", "GJ", "It ships to Gujarat, which is called in Hindi."),
        ("ગુજરાત", "GJ", "It ships to ગુજરાત, which is called in Hindi."),
        ("Goa", "GA", "It ships to Goa, and only Gujarat is called in Hindi."),
        ("Goa", "GJ", "It ships to Goa (GJ), which is called in Hindi."),
    ],
)
def test_the_rule_is_told_with_the_code_where_the_name_alone_says_otherwise(
    state: str | None, code: str | None, rule: str
) -> None:
    assert agent_rule(OrderFacts(shopify_id=1, state=state, province_code=code, country="IN")) == rule


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        (at(8, 59, 59), at(9)),
        (at(9), at(9)),
        (at(13), at(13)),
        (at(20, 54, 59), at(20, 54, 59)),
        (at(20, 55), at(20, 55)),
        (at(20, 55, 1), at(9, day=24)),
        (at(21), at(9, day=24)),
        (at(23, 59), at(9, day=24)),
        (at(0), at(9)),
    ],
)
def test_an_order_waits_for_the_next_opening(now: datetime, opening: datetime) -> None:
    assert DAY.next_opening(now) == opening


def test_an_order_on_the_last_day_of_the_year_waits_for_the_next_year() -> None:
    assert DAY.next_opening(datetime(2026, 12, 31, 22, 0, tzinfo=INDIA)) == datetime(2027, 1, 1, 9, 0, tzinfo=INDIA)


def test_the_hours_are_indias_whatever_the_zone_of_the_clock() -> None:
    in_utc = datetime(2026, 11, 23, 3, 29, tzinfo=UTC)  # 08:59 in India

    assert DAY.next_opening(in_utc) == at(9)


def test_without_closing_hours_calls_may_start_at_any_time() -> None:
    assert ALWAYS.next_opening(at(3, 30)) == at(3, 30)


def test_a_window_lasts_two_hours_from_now() -> None:
    assert DAY.window_from(at(12)) == CallWindow(at(12), at(14))


def test_a_window_is_told_in_indias_time() -> None:
    window = DAY.window_from(datetime(2026, 11, 23, 12, 35, tzinfo=UTC))

    assert window.start.isoformat() == "2026-11-23T18:05:00+05:30"


def test_a_window_is_in_whole_seconds() -> None:
    window = DAY.window_from(at(12).replace(microsecond=999_999))

    assert window == CallWindow(at(12), at(14))


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (at(18, 59, 59), at(20, 59, 59)),
        (at(19), at(21)),
        (at(19, 0, 1), at(21)),
        (at(20, 30), at(21)),
        (at(20, 55), at(21)),
    ],
)
def test_a_window_is_cut_at_closing_time(now: datetime, end: datetime) -> None:
    assert DAY.window_from(now).end == end


def test_a_window_at_the_very_opening_is_open() -> None:
    assert DAY.window_from(at(9)) == CallWindow(at(9), at(11))


def test_a_window_is_cut_at_midnight_where_the_day_ends_there() -> None:
    late = daily("10:00-24:00")

    assert late.window_from(at(23)).end == at(0, day=24)


def test_a_window_crosses_midnight_where_calls_never_stop() -> None:
    assert ALWAYS.window_from(at(23)) == CallWindow(at(23), at(1, day=24))


@pytest.mark.parametrize("now", [at(3), at(8, 59, 59), at(20, 56), at(21), at(23)])
def test_no_window_opens_outside_the_hours(now: datetime) -> None:
    with pytest.raises(ValueError, match="outside the calling hours"):
        DAY.window_from(now)


@pytest.mark.parametrize("hours", [DAY, ALWAYS], ids=["by day", "always"])
def test_a_time_without_a_zone_opens_no_window(hours: When) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        hours.window_from(datetime(2026, 11, 23, 12, 0))  # noqa: DTZ001 - that is the point


def test_hours_that_a_change_of_clocks_skips_are_no_opening() -> None:
    """In Nuuk clocks went from 23:00 to midnight that day: at the moment of the change the next day began."""
    nuuk = ZoneInfo("America/Nuuk")
    late = When(week=(CallingHours.parse("23:00-24:00"),) * 7, zone=nuuk)

    opening = late.next_opening(datetime(2025, 3, 29, 12, tzinfo=nuuk))

    assert opening == datetime(2025, 3, 30, 23, tzinfo=nuuk)


def test_every_opening_is_a_time_at_which_a_window_opens() -> None:
    hours = [DAY, ALWAYS, daily("10:30-24:00"), daily("00:00-12:00")]
    moments = [
        datetime(2026, 11, 23, tzinfo=timezone(timedelta(hours=-8))) + timedelta(minutes=7 * n) for n in range(300)
    ]

    windows = [each.window_from(each.next_opening(now) or now) for each in hours for now in moments]

    assert all(timedelta(minutes=5) <= window.end - window.start <= timedelta(hours=2) for window in windows)
