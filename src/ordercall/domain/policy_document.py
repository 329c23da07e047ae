"""The policy as a document: plain values by part and name, as TOML for people and as JSON in the database.

Each field is declared once, with what it is for, how it is read and how it is written.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import InvalidOperation
from functools import lru_cache
from operator import attrgetter
from typing import Any

from ordercall.domain import policy_values as read
from ordercall.domain.calling import Language
from ordercall.domain.holds import HoldRules
from ordercall.domain.policy import (
    OF_THE_ENVIRONMENT,
    WEEK,
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
from ordercall.domain.shipping import Shipping
from ordercall.domain.write_back import FIELDS as WRITTEN
from ordercall.domain.write_back import WriteBack

type Document = dict[str, dict[str, Any]]
"""The values of each field, as JSON and TOML both hold them, by part and name."""

LONGEST_WAIT = timedelta(days=14)
"""Hours that ring nobody for so long are a mistake."""

LONGEST_DELAY = timedelta(days=1)
"""Parcels leave within a day or two, and a cancel that waits for longer comes too late."""

AGENTS = "agents"


class PolicyFaults(Exception):
    """What is wrong with a document, a sentence each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the document. ``read`` raises a ValueError with what it must be."""

    says: str
    read: Callable[[Any], Any]
    write: Callable[[Policy], Any]


def read_document(document: Mapping[str, Any], now: datetime, *, version: int = 0) -> Policy:
    """Return the policy that a document describes. What it leaves out has its default.

    Raises:
        PolicyFaults: with a sentence for each field that cannot be used, and what to write instead.
    """
    faults = list(_strangers(document))
    values: dict[tuple[str, str], Any] = {}
    for (part, name), declared in FIELDS.items():
        given = document.get(part)
        if isinstance(given, Mapping) and name in given:
            try:
                values[part, name] = declared.read(given[name])
            except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation) as wanted:
                faults.append(f"{part}.{name} is {_shown(given[name])}; write {wanted}.")
    policy = _policy(values, version) if not faults else Policy()
    faults += [] if faults else _disagreements(policy, now)
    if faults:
        raise PolicyFaults(faults)
    return policy


def write_document(policy: Policy) -> Document:
    """Return the document of a policy."""
    document: Document = {}
    for (part, name), declared in FIELDS.items():
        document.setdefault(part, {})[name] = declared.write(policy)
    return document


def read_toml(text: str, now: datetime) -> Policy:
    """Return the policy that a person wrote.

    Raises:
        PolicyFaults: as :func:`read_document`, and where it is no TOML at all.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise PolicyFaults([f"The document cannot be read: {fault}. Mend that line."]) from fault
    return read_document(document, now)


def write_toml(policy: Policy, locks: Mapping[str, str]) -> str:
    """Return the document with a sentence above each field, for a person to read and change.

    Args:
        locks: by the field's name with its part, the variable of the environment that holds it.
    """
    lines: list[str] = []
    for part, fields in write_document(policy).items():
        plain = {name: value for name, value in fields.items() if not isinstance(value, dict)}
        lines += [f"[{part}]", ""] if plain else []
        for name, value in plain.items():
            lines += [*_comment(part, name, locks), f"{name} = {_value(value)}", ""]
        for name in fields.keys() - plain.keys() if part != AGENTS else [name for name in fields if fields[name]]:
            entries = [f"{key} = {_value(entry)}" for key, entry in fields[name].items()]
            lines += [*_comment(part, name, locks), f"[{part}.{name}]", *entries, ""]
    return "\n".join(lines)


@lru_cache(maxsize=16)
def stored_policy(text: str, version: int) -> Policy:
    """Return a published version, which was checked when it was published: its holidays may have passed since."""
    document = json.loads(text)
    values = {
        (part, name): declared.read(document[part][name])
        for (part, name), declared in FIELDS.items()
        if name in document.get(part, {})
    }
    return _policy(values, version)


def differences(before: Policy, after: Policy) -> list[str]:
    """Return what is another in the second of two policies, a line for each field."""
    was, became = write_document(before), write_document(after)
    return [
        f"{part}.{name}: {_value(was[part][name])} → {_value(became[part][name])}"
        for part, name in FIELDS
        if was[part][name] != became[part][name]
    ]


def _policy(values: Mapping[tuple[str, str], Any], version: int) -> Policy:
    def of(part: str) -> dict[str, Any]:
        return {name: value for (where, name), value in values.items() if where == part}

    def renamed(found: dict[str, Any]) -> dict[str, Any]:
        return {ATTRIBUTES.get(name, name): value for name, value in found.items()}

    agents = tuple(agent for agent in of("agents").values() if agent is not None)
    return Policy(
        who=Who(**renamed(of("who"))),
        when=When(**renamed(of("when"))),
        tongues=Tongues(**renamed(of("language"))),
        attempts=Attempts(**renamed(of("attempts"))),
        belt=Belt(**renamed(of("belt"))),
        shipping=of("shipping").get("pickup", Shipping()),
        hold=HoldRules(**renamed(of("hold"))),
        write_back=WriteBack(**of("write_back")),
        agents=agents,
        version=version,
    )


ATTRIBUTES = {
    "max_age_hours": "max_age",
    "hours": "week",
    "window_minutes": "window",
    "shortest_window_minutes": "shortest",
    "delay_minutes": "delay",
    "gaps_minutes": "gaps",
    "longest_hours": "longest",
}
"""The attributes of a policy that are called otherwise in its document, which names their units."""


def _disagreements(policy: Policy, now: datetime) -> Iterator[str]:
    """Tell which fields cannot hold together."""
    when, who = policy.when, policy.who
    if when.shortest > when.window:
        yield "when.shortest_window_minutes is more than when.window_minutes; write at most as much."
    for moment in (now, *(datetime.combine(day, datetime.min.time(), when.zone) for day in when.holidays)):
        opening = when.next_opening(moment)
        if moment >= now and (opening is None or opening - moment > LONGEST_WAIT):
            yield (
                f"when.hours and when.holidays give no window of {when.shortest // timedelta(minutes=1)} minutes within"
                f" 14 days from {moment.astimezone(when.zone):%Y-%m-%d}; open longer, or take out a holiday."
            )
            break
    for agent in policy.agents:
        if agent.agent_id and not agent.campaign_id and agent.language not in OF_THE_ENVIRONMENT:
            yield f"agents.{agent.language} has an agent_id and no campaign_id; write the campaign on which it rings."
    if who.payment is Payment.GATEWAYS and not who.gateways:
        yield 'who.payment is "gateways" and who.gateways names none; name one, such as "*cash on delivery*".'


def _strangers(document: Mapping[str, Any]) -> Iterator[str]:
    """Tell which names in a document are no field's: a typing error would silently change nothing."""
    for part, given in document.items():
        names = [name for where, name in FIELDS if where == part]
        if not names:
            yield f"[{part}] is no part of the policy; its parts are {', '.join(dict.fromkeys(p for p, _ in FIELDS))}."
        elif not isinstance(given, Mapping):
            yield f"{part} is {_shown(given)}; write [{part}] and its fields below."
        else:
            for name in given.keys() - set(names):
                yield f"{part}.{name} is no field of the policy; [{part}] has {', '.join(names)}."


def _comment(part: str, name: str, locks: Mapping[str, str]) -> list[str]:
    held = [
        f"# {f'{line} is held' if line else 'Held'} by {holder} in the environment: what stands here is not read."
        for line, holder in holders_of(f"{part}.{name}", locks).items()
    ]
    return [f"# {FIELDS[part, name].says}", *held]


def holders_of(field: str, locks: Mapping[str, str]) -> dict[str, str]:
    """Return what holds a field, or the lines of a table: by the line, or nothing, the variable of the environment."""
    return {
        name.removeprefix(field).lstrip("."): holder
        for name, holder in locks.items()
        if f"{name}.".startswith(f"{field}.")
    }


def _value(value: Any) -> str:
    """Return a value as TOML writes it; of what stands here that is how JSON does, but for tables."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_value(entry)}" for key, entry in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:80]


FIELDS: dict[tuple[str, str], Field] = {
    ("who", "payment"): Field(
        'Who is called by itself: "all", "to_collect" (something is to be collected at the door), "gateways" (below).',
        read.one_of(Payment),
        lambda policy: policy.who.payment.value,
    ),
    ("who", "gateways"): Field(
        'The gateways that are called where payment is "gateways"; * stands for anything, the case does not matter.',
        read.texts,
        lambda policy: list(policy.who.gateways),
    ),
    ("who", "countries"): Field(
        "The countries that are called, by ISO code. None: all.",
        read.countries,
        lambda policy: list(policy.who.countries),
    ),
    ("who", "max_age_hours"): Field(
        "An order that reaches Ordercall later than so many hours after it was placed is not called by itself.",
        lambda value: timedelta(hours=read.number(value, 1, 1_440)),
        lambda policy: policy.who.max_age // timedelta(hours=1),
    ),
    ("who", "least_due"): Field(
        'By currency, what at least must be due for a call, such as INR = "500". Other currencies have no limit.',
        read.amounts,
        lambda policy: {currency: str(amount) for currency, amount in policy.who.least_due},
    ),
    ("when", "zone"): Field("The time zone of the hours.", read.zone, lambda policy: policy.when.zone.key),
    ("when", "holidays"): Field(
        'Days without calls, such as ["2027-01-26"].',
        read.days,
        lambda policy: [day.isoformat() for day in sorted(policy.when.holidays)],
    ),
    ("when", "window_minutes"): Field(
        "How long Kalimera may ring, from when the campaign was set.",
        read.minutes(5, 1_440),
        lambda policy: policy.when.window // timedelta(minutes=1),
    ),
    ("when", "shortest_window_minutes"): Field(
        "With less than this left before closing time an order waits for the next opening.",
        read.minutes(1, 1_440),
        lambda policy: policy.when.shortest // timedelta(minutes=1),
    ),
    ("when", "delay_minutes"): Field(
        "How long after it came an order is called by itself.",
        read.minutes(0, 10_080),
        lambda policy: policy.when.delay // timedelta(minutes=1),
    ),
    ("when", "hours"): Field(
        'When customers may be rung, day by day; "closed" on a day without calls.',
        read.week,
        lambda policy: {
            day.lower(): str(hours) if hours else read.CLOSED for day, hours in zip(WEEK, policy.when.week, strict=True)
        },
    ),
    ("language", "table"): Field(
        '"description": Gujarat hears Hindi, all others English. "india": the language of each state. "own": below.',
        read.one_of(Table),
        lambda policy: policy.tongues.table.value,
    ),
    ("language", "own"): Field(
        'By the code of the province, such as MH = "mr". Who is not named here, or has no agent, hears English.',
        read.own_table,
        lambda policy: dict(policy.tongues.own),
    ),
    ("attempts", "number"): Field(
        "How often a customer who is not reached is called by itself; 1: not again. After the last one a person looks.",
        lambda value: read.number(value, 1, 10),
        lambda policy: policy.attempts.number,
    ),
    ("attempts", "gaps_minutes"): Field(
        "How long after a call the next one begins at the earliest; the last gap goes for all that follow.",
        read.gaps,
        lambda policy: [gap // timedelta(minutes=1) for gap in policy.attempts.gaps],
    ),
    ("attempts", "after"): Field(
        "After what: silence (its campaign has stopped ringing and nobody reported), or what was reported of the call.",
        read.causes,
        lambda policy: [cause.value for cause in policy.attempts.after],
    ),
    ("attempts", "together"): Field(
        "Orders of one customer, to one address, that wait at the same moment are one call about all of them.",
        read.yes_or_no,
        lambda policy: policy.attempts.together,
    ),
    ("attempts", "repeat_after_crash"): Field(
        "Where Kalimera does not show its list: whom a worker that died may have put there is put there again; else a "
        "person looks.",
        read.yes_or_no,
        lambda policy: policy.attempts.repeat_after_crash,
    ),
    ("belt", "cancel"): Field(
        'Whether a report cancels an order in Shopify: "on", or "off": then a person does, who finds it at Needs you.',
        read.one_of(Cancels),
        lambda policy: policy.belt.cancel.value,
    ),
    ("belt", "delay_minutes"): Field(
        "How long a cancel that no person asked for waits in Ordercall, where it can be undone.",
        read.minutes(0, LONGEST_DELAY // timedelta(minutes=1)),
        lambda policy: policy.belt.delay // timedelta(minutes=1),
    ),
    ("belt", "most_an_hour"): Field(
        "So many such cancels leave in an hour; from the next one on all wait for a person. 0: no limit.",
        lambda value: read.number(value, 0, 100_000),
        lambda policy: policy.belt.most_an_hour,
    ),
    ("belt", "evidence"): Field(
        "A refusal without the customer's words (quote) is left to a person.",
        read.yes_or_no,
        lambda policy: policy.belt.evidence,
    ),
    ("belt", "paid"): Field(
        "A refused order of which something is paid is left to a person.",
        read.yes_or_no,
        lambda policy: policy.belt.paid,
    ),
    ("belt", "edited"): Field(
        "So is one whose items, total or address were changed after the agent was told of it.",
        read.yes_or_no,
        lambda policy: policy.belt.edited,
    ),
    ("belt", "other_number"): Field(
        "So is one that was refused by another number than the order has by now.",
        read.yes_or_no,
        lambda policy: policy.belt.other_number,
    ),
    ("shipping", "pickup"): Field(
        'When the courier comes, such as "17:00" or "Mon-Sat 17:00", not on holidays; "": the pages show no pickup.',
        read.shipping,
        lambda policy: str(policy.shipping),
    ),
    ("hold", "until_answered"): Field(
        "The parcel of an order that is called is held in Shopify until its customer has answered.",
        read.yes_or_no,
        lambda policy: policy.hold.until_answered,
    ),
    ("hold", "release_at_end"): Field(
        "Where nobody was reached by the last call it is released; else it waits until a person decides.",
        read.yes_or_no,
        lambda policy: policy.hold.release_at_end,
    ),
    ("hold", "longest_hours"): Field(
        "So many hours after it was wanted a hold is released, answer or none; not that of a refused order.",
        lambda value: timedelta(hours=read.number(value, 1, 720)),
        lambda policy: policy.hold.longest // timedelta(hours=1),
    ),
    **{
        ("write_back", name): Field(says, read.written(name), attrgetter(f"write_back.{name}"))
        for name, says in WRITTEN.items()
    },
    **{
        ("agents", language.value): Field(
            f"The voice agent that speaks {language.label}, and the campaign on which it rings.",
            read.agent(language),
            read.written_agent(language),
        )
        for language in Language
    },
}
