"""A version is published only if it can be read back: one that cannot would stop every page and every call."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ordercall.domain.policy.document import PolicyFaults, read_document, read_toml, stored_policy, write_toml

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("who", "countries", ["IN", "ßa"]),
        ("who", "countries", ["ﬁn"[:2]]),
        ("who", "least_due", {"ßßß": "5"}),
        ("who", "least_due", {"INR": "1", "inr": "900"}),
        ("who", "gateways", ["\ud800"]),
        ("when", "holidays", [datetime(2027, 1, 26, 10, tzinfo=UTC)]),
        ("when", "holidays", [date(2027, 1, 25), datetime(2027, 1, 26, 10, tzinfo=UTC)]),
        ("language", "own", {"OR": "hi", "OD": "en"}),
    ],
)
def test_what_would_come_back_as_something_else_is_refused(part: str, name: str, value: Any) -> None:
    with pytest.raises(PolicyFaults) as refused:
        read_document({part: {name: value}}, NOW)

    assert [fault.partition(" is ")[0] for fault in refused.value.faults] == [f"{part}.{name}"]


def test_a_time_of_day_in_a_toml_holiday_is_refused() -> None:
    with pytest.raises(PolicyFaults, match=r"when\.holidays"):
        read_toml("[when]\nholidays = [2027-01-26T10:00:00]\n", NOW)


@pytest.mark.parametrize(
    "zone",
    [
        ["a"],
        {},
        5,
        None,
        "",
        " ",
        "localtime",
        "Factory",
        "posixrules",
        "Asia",
        "/etc/localtime",
        "../UTC",
        "right/UTC",
    ],
)
def test_what_is_no_time_zone_is_refused_with_what_to_write(zone: Any) -> None:
    with pytest.raises(PolicyFaults) as refused:
        read_document({"when": {"zone": zone}}, NOW)

    assert [(fault.startswith("when.zone is "), "Asia/Kolkata" in fault) for fault in refused.value.faults] == [
        (True, True)
    ]


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("who", "gateways", ["CO\x00D"]),
        ("who", "gateways", ["COD\x7f"]),
        ("who", "gateways", ["a" * 256]),
        ("who", "least_due", {"ÄÖÜ": "5"}),
        ("language", "own", {"ऀः": "hi"}),
        ("agents", "en", {"agent_id": "a\ud800", "campaign_id": "c"}),
        ("agents", "en", {"agent_id": "a\x00b", "campaign_id": "c"}),
        ("agents", "en", {"agent_id": "a\u200b", "campaign_id": "c"}),
    ],
)
def test_what_nobody_sees_or_types_is_refused(part: str, name: str, value: Any) -> None:
    with pytest.raises(PolicyFaults) as refused:
        read_document({part: {name: value}}, NOW)

    assert [fault.partition(" is ")[0] for fault in refused.value.faults] == [f"{part}.{name}"]


def test_a_version_of_before_is_written_so_that_toml_reads_it() -> None:
    stored = stored_policy(json.dumps({"who": {"gateways": ["a\x7fb\x00\t"], "least_due": {"ÄÖÜ": "5"}}}), 3)

    written = tomllib.loads(write_toml(stored, {}))

    assert written["who"]["gateways"] == ["a\x7fb\x00"]
    assert written["who"]["least_due"] == {"ÄÖÜ": "5"}
