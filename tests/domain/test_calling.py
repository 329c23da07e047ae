"""Who is called, by which agent and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ordercall.domain.calling import (
    CallingHours,
    CallWindow,
    Language,
    Reason,
    agent_rule,
    call_window,
    pick_agent,
    why_not_called,
)
from ordercall.domain.orders import Fulfilment, OrderFacts, Status

INDIA = ZoneInfo("Asia/Kolkata")
DAY = CallingHours(time(9), time(21))
ALWAYS = CallingHours(time(0), None)


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
        ("Gujarat State", Language.ENGLISH),
        ("", Language.ENGLISH),
        (None, Language.ENGLISH),
    ],
)
def test_gujarat_hears_hindi_and_everyone_else_english(state: str | None, language: Language) -> None:
    assert pick_agent(state) is language


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
    assert pick_agent(state) is Language.HINDI


@pytest.mark.parametrize(
    "state", ["Gujranwala", "Rajasthan", "राजस्थान", "મહારાષ્ટ્ર", "Not Gujarat", "India", ", ,", "G", "Gujarat Nagar"]
)
def test_what_only_resembles_gujarat_is_another_state(state: str) -> None:
    assert pick_agent(state) is Language.ENGLISH


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
        ("Gorj", "GJ", "RO", Language.ENGLISH),
        ("Gorj", "GJ", "Romania", Language.ENGLISH),
    ],
)
def test_the_code_of_the_province_decides_before_its_name(
    state: str | None, code: str, country: str | None, language: Language
) -> None:
    assert pick_agent(state, code, country) is language


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
    ("text", "hours"),
    [
        ("09:00-21:00", DAY),
        (" 9:00 - 21:00 ", DAY),
        ("00:00-24:00", ALWAYS),
        ("10:30-24:00", CallingHours(time(10, 30), None)),
        ("00:00-00:05", CallingHours(time(0), time(0, 5))),
    ],
)
def test_calling_hours_are_two_times_of_a_day(text: str, hours: CallingHours) -> None:
    assert CallingHours.parse(text) == hours


@pytest.mark.parametrize(
    "text",
    [
        "",
        "always",
        "9-21",
        "9:00",
        "21:00-9:00",
        "9:00-9:00",
        "9:00-9:04",
        "25:00-26:00",
        "9:60-21:00",
        "24:00-24:00",
        "9:00-24:30",
    ],
)
def test_calling_hours_that_cannot_be_kept_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"hour|minute|form|before"):
        CallingHours.parse(text)


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
    assert call_window(at(12), DAY) == CallWindow(at(12), at(14))


def test_a_window_is_told_in_indias_time() -> None:
    window = call_window(datetime(2026, 11, 23, 12, 35, tzinfo=UTC), DAY)

    assert window.start.isoformat() == "2026-11-23T18:05:00+05:30"


def test_a_window_is_in_whole_seconds() -> None:
    window = call_window(at(12).replace(microsecond=999_999), DAY)

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
    assert call_window(now, DAY).end == end


def test_a_window_at_the_very_opening_is_open() -> None:
    assert call_window(at(9), DAY) == CallWindow(at(9), at(11))


def test_a_window_is_cut_at_midnight_where_the_day_ends_there() -> None:
    late = CallingHours(time(10), None)

    assert call_window(at(23), late).end == at(0, day=24)


def test_a_window_crosses_midnight_where_calls_never_stop() -> None:
    assert call_window(at(23), ALWAYS) == CallWindow(at(23), at(1, day=24))


@pytest.mark.parametrize("now", [at(3), at(8, 59, 59), at(20, 56), at(21), at(23)])
def test_no_window_opens_outside_the_hours(now: datetime) -> None:
    with pytest.raises(ValueError, match="outside the calling hours"):
        call_window(now, DAY)


@pytest.mark.parametrize("hours", [DAY, ALWAYS], ids=["by day", "always"])
def test_a_time_without_a_zone_opens_no_window(hours: CallingHours) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        call_window(datetime(2026, 11, 23, 12, 0), hours)  # noqa: DTZ001 - that is the point


def test_every_opening_is_a_time_at_which_a_window_opens() -> None:
    hours = [DAY, ALWAYS, CallingHours.parse("10:30-24:00"), CallingHours.parse("00:00-12:00")]
    moments = [
        datetime(2026, 11, 23, tzinfo=timezone(timedelta(hours=-8))) + timedelta(minutes=7 * n) for n in range(300)
    ]

    windows = [call_window(each.next_opening(now), each) for each in hours for now in moments]

    assert all(timedelta(minutes=5) <= window.end - window.start <= timedelta(hours=2) for window in windows)


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({}, None),
        ({"is_test": True}, Reason.TEST_ORDER),
        ({"shopify_cancelled_at": "2026-11-23T12:00:00+05:30"}, Reason.CANCELLED),
        ({"fulfillment_status": Fulfilment.ALL}, Reason.SHIPPED),
        ({"fulfillment_status": Fulfilment.PART}, Reason.SHIPPED),
        ({"fulfillment_status": Fulfilment.RESTOCKED, "financial_status": "partially_refunded"}, None),
        ({"financial_status": "refunded"}, Reason.REFUNDED),
        ({"financial_status": "voided"}, Reason.PAYMENT_VOIDED),
        ({"financial_status": "expired"}, Reason.PAYMENT_EXPIRED),
        ({"financial_status": "authorized"}, None),
        ({"shopify_deleted_at": at(12)}, Reason.DELETED),
        ({"shopify_deleted_at": at(12), "shopify_cancelled_at": "2026-11-23T12:00:00+05:30"}, Reason.CANCELLED),
        ({"closed_at": "2026-11-23T12:00:00+05:30"}, Reason.ARCHIVED),
        ({"closed_at": "2026-11-23T12:00:00+05:30", "fulfillment_status": Fulfilment.ALL}, Reason.SHIPPED),
        ({"source_name": "pos"}, Reason.COUNTER_SALE),
        ({"source_name": "pos", "fulfillment_status": Fulfilment.ALL}, Reason.COUNTER_SALE),
        ({"source_name": "web"}, None),
        ({"source_name": "shopify_draft_order"}, None),
        ({"source_name": "580111"}, None),
        ({"units_left": 0}, Reason.EMPTIED),
        ({"units_left": 1}, None),
        ({"is_cod": True, "current_total_price": Decimal(0)}, Reason.EMPTIED),
        ({"is_cod": True, "current_total_price": Decimal("0.01")}, None),
        ({"is_cod": False, "current_total_price": Decimal(0)}, None),
        ({"is_cod": None, "current_total_price": Decimal(0)}, None),
        ({"customer_phone": None}, Reason.NO_PHONE),
        ({"customer_phone": ""}, Reason.NO_PHONE),
        ({"customer_phone": None, "is_test": True}, Reason.TEST_ORDER),
    ],
)
def test_why_nobody_may_be_called(odd: dict[str, Any], reason: Reason | None) -> None:
    order = replace(OrderFacts(shopify_id=1, customer_phone="+919000000001"), **odd)

    assert why_not_called(order, Status.PLACED) is reason


@pytest.mark.parametrize("status", [None, *(status for status in Status if status is not Status.PLACED)])
def test_nobody_is_called_for_an_order_that_is_decided_or_of_which_nobody_knows(status: Status | None) -> None:
    assert why_not_called(OrderFacts(shopify_id=1, customer_phone="+919000000001"), status) is Reason.ALREADY_DECIDED
