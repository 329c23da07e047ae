"""The policy as a document that people read and change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ordercall.domain.calls.calling import Language
from ordercall.domain.orders.order import OrderFacts
from ordercall.domain.parcels.holds import HoldRules
from ordercall.domain.policy.document import (
    PolicyFaults,
    read_toml,
    write_toml,
)
from ordercall.domain.policy.rules import Agent, Belt, Cancels, Policy, Table, Tongues

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
AGENTS = tuple(Agent(language=one, agent_id=f"agent-{one}", campaign_id="main") for one in Language)


def faults_of(text: str) -> list[str]:
    with pytest.raises(PolicyFaults) as refused:
        read_toml(text, NOW)
    return refused.value.faults


def test_what_a_person_reads_is_read_again_as_it_was() -> None:
    policy = Policy(agents=AGENTS[:2])

    assert read_toml(write_toml(policy, {"when.hours": "CALLING_HOURS"}), NOW) == policy


def test_the_belt_is_off_until_somebody_buckles_it() -> None:
    assert read_toml("", NOW).belt == Belt()
    assert read_toml('[belt]\ncancel = "off"\ndelay_minutes = 15\nevidence = true', NOW).belt == Belt(
        cancel=Cancels.OFF, delay=timedelta(minutes=15), evidence=True
    )


def test_parcels_are_held_only_where_somebody_says_so() -> None:
    assert read_toml("", NOW).hold == HoldRules()
    assert read_toml("[hold]\nuntil_answered = true\nlongest_hours = 24", NOW).hold == HoldRules(
        until_answered=True, longest=timedelta(hours=24)
    )


def test_a_field_that_the_environment_holds_says_so() -> None:
    text = write_toml(Policy(), {"when.hours": "CALLING_HOURS"})

    assert "# Held by CALLING_HOURS in the environment: what stands here is not read.\n[when.hours]" in text


def test_of_an_agent_only_the_id_that_the_environment_holds_says_so() -> None:
    agent = Agent(language=Language.HINDI, agent_id="a", campaign_id="c")

    text = write_toml(Policy(agents=(agent,)), {"agents.hi.campaign_id": "KALIMERA_CAMPAIGN_ID"})

    held = "# campaign_id is held by KALIMERA_CAMPAIGN_ID in the environment: what stands here is not read."
    assert f"{held}\n[agents.hi]" in text
    assert text.count("environment") == 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x", "The document cannot be read"),
        (
            "[whom]",
            "[whom] is no part of the policy; its parts are who, when, language, attempts, belt, shipping, hold, "
            "write_back, agents.",
        ),
        ("[who]\nfoo = 1", "who.foo is no field of the policy; [who] has payment, gateways"),
        ('[who]\npayment = "cod"', 'who.payment is "cod"; write "all" or "to_collect" or "gateways".'),
        ('[who]\npayment = "gateways"', "who.gateways names none; name one"),
        ('[who.least_due]\nINR = "-1"', "write amounts by currency, such as INR"),
        ('[who.least_due]\nINR = "1e999999"', 'who.least_due has INR = "1E+999999", more than any order is about;'),
        ("[when]\nholidays = { 2027-01-26 = true }", "write a list of days"),
        ("[who]\nmax_age_hours = 0", "write a whole number from 1 to 1440."),
        ("[when]\npaused = true", "when.paused is no field of the policy; [when] has zone, holidays"),
        ('[when]\nholidays = ["soon"]', "write a list of days"),
        ('[when.hours]\nmonday = "9-21"', "write for each day two times"),
        ("[when]\nshortest_window_minutes = 300", "when.shortest_window_minutes is more than when.window_minutes"),
        ('[belt]\ncancel = "no"', 'belt.cancel is "no"; write "on" or "off".'),
        ("[belt]\ndelay_minutes = 1441", "write a whole number from 0 to 1440."),
        ("[belt]\nmost_an_hour = -1", "write a whole number from 0 to 100000."),
        (
            '[shipping]\npickup = "5 pm"',
            'shipping.pickup is "5 pm"; write a time such as "17:00", one with days such as',
        ),
        ('[shipping]\npickup = "Mon-Sunday 17:00"', 'one with days such as "Mon-Sat 17:00"'),
        ('[shipping]\npickup = "24:00"', 'write a time such as "17:00"'),
        ("[shipping]\npickup = 17:00:00", "write a time such as"),
        ("[belt]\npaid = 1", "belt.paid is 1; write true or false."),
        ("[hold]\nuntil_answered = 1", "hold.until_answered is 1; write true or false."),
        ("[hold]\nlongest_hours = 0", "write a whole number from 1 to 720."),
        (
            '[who]\nphones_not_called = ["mobile"]',
            'write a list of kinds of numbers, of "landline", "toll-free number"',
        ),
        ('[who]\nphones_not_called = "landline"', "write a list of kinds of numbers"),
        ('[who]\nphones_not_called = [["landline"]]', "write a list of kinds of numbers"),
        ('[write_back]\ntag_failed = "one, two"', "write a tag of at most 40 characters without a comma"),
        ('[write_back]\ntag_failed = "not\\u200eok"', "without a comma or signs that show nothing"),
        ('[write_back]\nmetafields = "yes"', 'write_back.metafields is "yes"; write true or false.'),
        ('[language.own]\nMH = "xx"', "the languages are en, hi"),
        ("[agents]\nen = 1", 'write agent_id = "…" and campaign_id = "…".'),
    ],
)
def test_what_cannot_be_used_is_named_with_what_to_write(text: str, fault: str) -> None:
    [found] = faults_of(text)

    assert fault in found


def test_hours_that_ring_nobody_for_two_weeks_are_refused() -> None:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    closed = "[when.hours]\n" + "\n".join(f'{day} = "closed"' for day in days)
    short = "[when]\nshortest_window_minutes = 30\n[when.hours]\n" + "\n".join(f'{day} = "09:00-09:20"' for day in days)
    feasts = ", ".join(f'"2027-01-{day:02}"' for day in range(1, 20))

    for text in (closed, short, f"[when]\nholidays = [{feasts}]"):
        [fault] = faults_of(text)
        assert "give no window" in fault


@pytest.mark.parametrize(
    ("state", "code", "agents", "language"),
    [
        ("Maharashtra", "MH", AGENTS, Language.MARATHI),
        ("महाराष्ट्र", None, AGENTS, Language.MARATHI),
        ("Gujarat", "GJ", AGENTS, Language.GUJARATI),
        ("Tamil Nadu", "", AGENTS, Language.TAMIL),
        ("Telangana", "TG", AGENTS, Language.TELUGU),
        ("Meghalaya", "ML", AGENTS, Language.ENGLISH),
        ("Maharashtra", "MH", AGENTS[:2], Language.HINDI),
        ("Tamil Nadu", "TN", AGENTS[:2], Language.ENGLISH),
        (None, None, AGENTS, Language.ENGLISH),
    ],
)
def test_each_state_of_india_hears_its_language_or_the_best_that_an_agent_speaks(
    state: str | None, code: str | None, agents: tuple[Agent, ...], language: Language
) -> None:
    policy = Policy(tongues=Tongues(table=Table.INDIA), agents=agents)

    assert policy.language_for(OrderFacts(shopify_id=1, state=state, province_code=code)) is language


@pytest.mark.parametrize("code", ["OD", "or", "IN-OD"])
def test_the_own_table_takes_any_code_of_a_state(code: str) -> None:
    policy = read_toml(f'[language]\ntable = "own"\n[language.own]\n{code} = "hi"\n', NOW)
    with_hindi = replace(policy, agents=AGENTS)

    assert policy.tongues.own == (("OR", Language.HINDI),)
    assert with_hindi.language_for(OrderFacts(shopify_id=1, state="Orissa", country="India")) is Language.HINDI


def test_a_place_abroad_hears_english_by_the_table_of_india() -> None:
    policy = Policy(tongues=Tongues(table=Table.INDIA), agents=AGENTS)

    assert policy.language_for(OrderFacts(shopify_id=1, province_code="MH", country="DE")) is Language.ENGLISH
