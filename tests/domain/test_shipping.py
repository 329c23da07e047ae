"""Which confirmed orders wait for their parcel, and the pickups around a moment."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordercall.domain.orders.order import CancelState, Fulfilment, OrderFacts, Status
from ordercall.domain.parcels.shipping import Shipping, is_to_ship
from properties import always

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize("status", [None, *Status])
def test_only_a_confirmed_order_waits_for_its_parcel(status: Status | None) -> None:
    assert is_to_ship(OrderFacts(shopify_id=1), status, None) is (status is Status.SUCCESS)


@pytest.mark.parametrize("shipped", Fulfilment)
def test_what_is_left_of_an_order_must_still_be_shipped(shipped: Fulfilment) -> None:
    order = OrderFacts(shopify_id=1, fulfillment_status=shipped)

    assert is_to_ship(order, Status.SUCCESS, None) is (shipped in (Fulfilment.NOTHING, Fulfilment.PART))


@pytest.mark.parametrize(
    "facts",
    [
        {"shopify_cancelled_at": "2026-11-24T12:00:00+05:30"},
        {"shopify_deleted_at": NOW},
        {"closed_at": "2026-11-24T12:00:00+05:30"},
        {"units_left": 0},
        {"is_test": True},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_an_order_that_shopify_no_longer_has_open_is_none_to_ship(facts: dict[str, Any]) -> None:
    assert not is_to_ship(OrderFacts(shopify_id=1, **facts), Status.SUCCESS, None)


@pytest.mark.parametrize("cancel", CancelState)
def test_an_order_that_is_or_may_be_cancelled_is_none_to_ship(cancel: CancelState) -> None:
    assert is_to_ship(OrderFacts(shopify_id=1), Status.SUCCESS, cancel) is (cancel is CancelState.REFUSED)


# -- pickups


INDIA, BERLIN = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")
NUUK = ZoneInfo("America/Nuuk")
"""Its clocks skip the hour before midnight once a year."""


def around(
    moment: str, zone: ZoneInfo = INDIA, at: time = time(17), on: str = "", holidays: Collection[date] = ()
) -> list[str]:
    """Return the pickups around a moment of the zone, as its clocks show them."""
    shipping = Shipping.parse(on) if on else Shipping(pickup=at)
    pickups = shipping.pickups_around(datetime.fromisoformat(moment).replace(tzinfo=zone), zone, holidays)
    assert pickups
    return [each.astimezone(zone).strftime("%d %H:%M") for each in pickups]


def test_without_a_pickup_in_the_policy_there_is_none() -> None:
    assert Shipping().pickups_around(NOW, INDIA) is None


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-30 16:59:59", ["29 17:00", "30 17:00"]),
        ("2026-11-30 17:00", ["30 17:00", "01 17:00"]),
        ("2026-11-30 00:00", ["29 17:00", "30 17:00"]),
    ],
)
def test_a_pickup_is_over_when_its_time_has_come(moment: str, expected: list[str]) -> None:
    assert around(moment) == expected


def test_the_days_are_those_of_the_zone() -> None:
    utc = Shipping(pickup=time(1)).pickups_around(datetime(2026, 11, 30, 19, tzinfo=UTC), INDIA)

    assert utc == (datetime(2026, 11, 29, 19, 30, tzinfo=UTC), datetime(2026, 11, 30, 19, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("written", "moment", "expected"),
    [
        ("Mon-Sat 17:00", "2026-11-29 12:00", ["28 17:00", "30 17:00"]),  # a Sunday
        ("Mon-Sat 17:00", "2026-11-28 18:00", ["28 17:00", "30 17:00"]),
        ("Sat-Mon 17:00", "2026-12-01 12:00", ["30 17:00", "05 17:00"]),
        ("Wed 17:00", "2026-11-30 12:00", ["25 17:00", "02 17:00"]),
    ],
)
def test_on_other_days_of_the_week_nobody_comes(written: str, moment: str, expected: list[str]) -> None:
    assert around(moment, on=written) == expected


def test_on_a_holiday_nobody_comes() -> None:
    holidays = [date(2026, 11, 29), date(2026, 11, 30)]

    assert around("2026-11-30 12:00", holidays=holidays) == ["28 17:00", "01 17:00"]


def test_where_each_day_is_a_holiday_there_is_no_pickup() -> None:
    holidays = [NOW.date() + timedelta(days=day) for day in range(-20, 20)]

    assert Shipping(pickup=time(17)).pickups_around(NOW, INDIA, holidays) is None


@always
@given(pickup=st.times().map(lambda at: at.replace(second=0, microsecond=0)), days=st.tuples(*[st.integers(0, 6)] * 2))
def test_a_pickup_is_read_as_it_is_written(pickup: time, days: tuple[int, int]) -> None:
    shipping = Shipping(pickup=pickup, days=days)

    assert Shipping.parse(str(shipping)) == shipping


@pytest.mark.parametrize("text", ["5 pm", "24:00", "17:60", "mon 17:00", "Mon-Sat", "Mon-Sat  17:00", "17:00\n", " "])
def test_what_is_no_pickup_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        Shipping.parse(text)


@pytest.mark.parametrize(
    ("moment", "at", "expected"),
    [
        ("2026-03-29 12:00", time(2, 30), ["29 03:30", "30 02:30"]),  # skipped
        ("2026-10-25 12:00", time(2, 30), ["25 02:30", "26 02:30"]),  # comes twice: the first
    ],
)
def test_a_pickup_in_the_night_of_the_clocks_comes_once(moment: str, at: time, expected: list[str]) -> None:
    assert around(moment, BERLIN, at) == expected


def test_a_pickup_that_clocks_put_behind_midnight_is_still_to_come() -> None:
    assert around("2027-03-28 00:30", NUUK, time(23, 45)) == ["26 23:45", "28 00:45"]


@always
@given(
    moment=st.integers(0, 730 * 1_440).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    zone=st.sampled_from(
        [INDIA, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia"), ZoneInfo("America/Nuuk")]
    ),
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
)
def test_every_moment_lies_between_two_pickups_about_a_day_apart(moment: datetime, zone: ZoneInfo, at: time) -> None:
    pickups = Shipping(pickup=at).pickups_around(moment, zone)

    assert pickups
    last, following = pickups
    assert last <= moment < following
    assert timedelta(hours=23) <= following - last <= timedelta(hours=25)
