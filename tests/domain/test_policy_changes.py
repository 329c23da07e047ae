"""What changes from one policy to another, in words, and a draft that is carried over to a newer version."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from ordercall.domain.calls.calling import CallingHours, Language
from ordercall.domain.policy.changes import (
    LABELS,
    WORDS,
    Change,
    carried_over,
    changes,
    days_beyond_the_rule,
    for_the_page,
    lets_cancels_go,
)
from ordercall.domain.policy.document import PolicyFaults, read_document, write_document
from ordercall.domain.policy.fields import FIELDS
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
from properties import few
from random_policies import policies

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAILY = CallingHours.parse("09:00-21:00")
PLAIN = Policy()


def of(week: tuple[CallingHours | None, ...]) -> Policy:
    return Policy(when=When(week=week))


def test_every_field_and_every_choice_has_its_words() -> None:
    assert set(LABELS) == set(FIELDS)
    assert set(WORDS["who", "payment"]) == set(Payment)
    assert set(WORDS["language", "table"]) == set(Table)
    assert set(WORDS["attempts", "after"]) == set(After)
    assert set(WORDS["belt", "cancel"]) == set(Cancels)


def test_a_change_is_told_line_by_line() -> None:
    closed = of((DAILY,) * 6 + (None,))
    agent = Agent(language=Language.TAMIL, agent_id="agent-ta", campaign_id="main")
    after = replace(
        closed,
        who=Who(payment=Payment.TO_COLLECT),
        tongues=Tongues(table=Table.OWN, own=(("TN", Language.TAMIL),)),
        agents=(agent,),
        attempts=Attempts(number=2, gaps=(timedelta(hours=1), timedelta(hours=4)), after=(After.NO_ANSWER,)),
        belt=Belt(cancel=Cancels.OFF, paid=True),
    )

    assert changes(PLAIN, after) == [
        Change("Payment", "all orders", "only what is to be collected"),
        Change("Hours, Sunday", "09:00-21:00", "no calls"),
        Change("Table of languages", "as described: Gujarat in Hindi, all others in English", "own table"),
        Change("Own table, Tamil Nadu", "none", "Tamil"),
        Change("Calls where nobody is reached", "1", "2"),
        Change("Gaps between them, in minutes", "60", "60, 240"),
        Change("Called again after", "silence, no answer, busy, voicemail, unreachable", "no answer"),
        Change("Cancels that no person asked for", "go to Shopify", "are left to a person"),
        Change("Left to a person where something is paid", "no", "yes"),
        Change("Agent for Tamil, id", "none", "agent-ta"),
        Change("Agent for Tamil, campaign", "none", "main"),
    ]


def test_a_draft_is_carried_over_to_a_newer_version_line_by_line() -> None:
    draft = of((None, *(DAILY,) * 6))
    newest = replace(of((*(DAILY,) * 6, None)), who=Who(countries=("IN",)))

    merged = read_document(carried_over(PLAIN, draft, newest), NOW)

    assert merged.when.week == (None, *(DAILY,) * 5, None)
    assert merged.who.countries == ("IN",)


def test_where_both_changed_a_field_the_draft_says_what_it_becomes() -> None:
    draft = Policy(when=When(delay=timedelta(minutes=5)))
    newest = Policy(when=When(delay=timedelta(minutes=9)))

    assert carried_over(PLAIN, draft, newest)["when"]["delay_minutes"] == 5


@given(policies, policies)
@few(40)
def test_a_draft_without_changes_carries_over_to_the_newest_itself(base: Policy, newest: Policy) -> None:
    assert carried_over(base, base, newest) == write_document(newest)


@given(policies, policies)
@few(40)
def test_a_draft_of_the_newest_stays_as_it_is(newest: Policy, draft: Policy) -> None:
    assert carried_over(newest, draft, newest) == write_document(draft)
    assert (changes(newest, draft) == []) == (write_document(newest) == write_document(draft))


@pytest.mark.parametrize(
    ("hours", "zone", "beyond"),
    [
        ("09:00-21:00", "Asia/Kolkata", False),
        ("10:00-20:00", "Asia/Kolkata", False),
        ("08:59-21:00", "Asia/Kolkata", True),
        ("09:00-21:01", "Asia/Kolkata", True),
        ("09:00-24:00", "Asia/Calcutta", True),
        ("00:00-24:00", "Europe/Berlin", False),
    ],
)
def test_hours_in_india_before_nine_or_after_twenty_one_are_beyond_the_rule(
    hours: str, zone: str, beyond: bool
) -> None:
    when = When(week=(CallingHours.parse(hours), *(None,) * 6), zone=ZoneInfo(zone))

    assert days_beyond_the_rule(when) == (["Monday"] if beyond else [])


def test_a_fault_has_the_names_of_the_page() -> None:
    document = write_document(PLAIN)
    document["who"]["max_age_hours"] = 0
    document["when"]["hours"]["tuesday"] = "21:00-9:00"

    with pytest.raises(PolicyFaults) as refused:
        read_document(document, NOW)

    assert [for_the_page(fault) for fault in refused.value.faults] == [
        "Oldest order, in hours: write a whole number from 1 to 1440.",
        'Hours: write for tuesday two times at least five minutes apart, such as "09:00-21:00", or "closed".',
    ]


def test_a_fault_of_two_fields_names_both() -> None:
    document = write_document(replace(PLAIN, when=When(holidays=frozenset({date(2026, 11, 24)}))))
    document["when"]["hours"] = dict.fromkeys(document["when"]["hours"], "closed")

    with pytest.raises(PolicyFaults) as refused:
        read_document(document, NOW)

    assert for_the_page(refused.value.faults[0]).startswith("Hours and Holidays give no window of 5 minutes")


@pytest.mark.parametrize(
    ("was", "becomes", "looser"),
    [
        (Belt(), Belt(), []),
        (Belt(cancel=Cancels.OFF), Belt(), ["cancel"]),
        (Belt(delay=timedelta(minutes=15)), Belt(delay=timedelta(minutes=10)), ["delay_minutes"]),
        (Belt(most_an_hour=10), Belt(most_an_hour=20), ["most_an_hour"]),
        (Belt(most_an_hour=10), Belt(most_an_hour=0), ["most_an_hour"]),
        (Belt(paid=True, edited=True), Belt(edited=True), ["paid"]),
        (Belt(evidence=True, other_number=True), Belt(), ["evidence", "other_number"]),
        (Belt(paid=True, delay=timedelta(minutes=15)), Belt(cancel=Cancels.OFF), []),
        (Belt(most_an_hour=0), Belt(most_an_hour=20, delay=timedelta(minutes=5), paid=True), []),
    ],
)
def test_what_lets_cancels_go_sooner_is_named(was: Belt, becomes: Belt, looser: list[str]) -> None:
    assert lets_cancels_go(was, becomes) == [LABELS["belt", name] for name in looser]
