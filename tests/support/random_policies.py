"""Policies for property tests: each field at random, as a version holds it."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from ordercall.domain.calls.calling import CallingHours, Language
from ordercall.domain.parcels.shipping import Shipping
from ordercall.domain.parcels.write_back import WriteBack
from ordercall.domain.phones.choosing import PhoneKind
from ordercall.domain.policy.rules import (
    After,
    Agent,
    Attempts,
    Belt,
    Cancels,
    Payment,
    Policy,
    Table,
    Tongues,
    When,
    Who,
)

hours = st.builds(
    lambda opens, length: CallingHours.parse(
        f"{opens // 60:02}:{opens % 60:02}-{(opens + length) // 60:02}:{(opens + length) % 60:02}"
    ),
    st.integers(0, 1_000),
    st.integers(5, 440),
)
weeks = st.tuples(*[st.none() | hours | st.just(CallingHours(time(0), None)) for _ in range(7)])
zones = st.sampled_from([ZoneInfo(name) for name in ("Asia/Kolkata", "Europe/Berlin", "America/New_York", "UTC")])
agents = st.lists(
    st.builds(Agent, language=st.sampled_from(Language), agent_id=st.just("a"), campaign_id=st.just("c")),
    unique_by=lambda agent: agent.language,
).map(tuple)
policies = st.builds(
    Policy,
    who=st.builds(
        Who,
        payment=st.sampled_from(Payment),
        gateways=st.sampled_from([(), ("*cash*",)]),
        least_due=st.sampled_from([(), (("INR", Decimal(500)),)]),
        countries=st.sampled_from([(), ("IN",), ("GB", "AE")]),
        phones_not_called=st.sampled_from([(), (PhoneKind.LANDLINE, PhoneKind.FOREIGN)]),
    ),
    when=st.builds(
        When,
        week=weeks,
        holidays=st.frozensets(st.dates(date(2026, 1, 1), date(2028, 1, 31)), max_size=20),
        zone=zones,
        window=st.integers(30, 300).map(lambda minutes: timedelta(minutes=minutes)),
        shortest=st.integers(1, 30).map(lambda minutes: timedelta(minutes=minutes)),
        delay=st.integers(0, 600).map(lambda minutes: timedelta(minutes=minutes)),
        paused=st.booleans(),
    ),
    tongues=st.builds(Tongues, table=st.sampled_from(Table), own=st.sampled_from([(), (("MH", Language.MARATHI),)])),
    agents=agents,
    shipping=st.builds(Shipping, pickup=st.none() | st.just(time(17)) | st.just(time(0, 5))),
    attempts=st.builds(
        Attempts,
        number=st.integers(1, 4),
        gaps=st.lists(st.integers(15, 600).map(lambda minutes: timedelta(minutes=minutes)), min_size=1).map(tuple),
        after=st.sets(st.sampled_from(After)).map(lambda chosen: tuple(each for each in After if each in chosen)),
        together=st.booleans(),
        repeat_after_crash=st.booleans(),
    ),
    write_back=st.builds(
        WriteBack,
        tag_pending=st.sampled_from(["", "call-pending"]),
        tag_confirmed=st.sampled_from(["", "ok"]),
        tag_call_back=st.sampled_from(["", "बाद में"]),
        metafields=st.booleans(),
    ),
    belt=st.builds(
        Belt,
        cancel=st.sampled_from(Cancels),
        delay=st.integers(0, 600).map(lambda minutes: timedelta(minutes=minutes)),
        most_an_hour=st.integers(0, 1_000),
        evidence=st.booleans(),
        paid=st.booleans(),
        edited=st.booleans(),
        other_number=st.booleans(),
    ),
)
