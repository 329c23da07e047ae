"""The policy as a document: plain values by part and name, as TOML for people and as JSON in the database.

Each field is declared once, with what it is for, how it is read and how it is written.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from ordercall.domain.calling import CallingHours, Language
from ordercall.domain.policy import OF_THE_ENVIRONMENT, WEEK, Agent, Payment, Policy, Table, Tongues, When, Who

type Document = dict[str, dict[str, Any]]
"""The values of each field, as JSON and TOML both hold them, by part and name."""

LONGEST_WAIT = timedelta(days=14)
"""Hours that ring nobody for so long are a mistake."""

CLOSED, AGENTS = "closed", "agents"


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
        agents=agents,
        version=version,
    )


ATTRIBUTES = {
    "max_age_hours": "max_age",
    "hours": "week",
    "window_minutes": "window",
    "shortest_window_minutes": "shortest",
    "delay_minutes": "delay",
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
    holder = locks.get(f"{part}.{name}")
    held = [f"# Held by {holder} in the environment: what stands here is not read."] if holder else []
    return [f"# {FIELDS[part, name].says}", *held]


def _value(value: Any) -> str:
    """Return a value as TOML writes it; of what stands here that is how JSON does, but for tables."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_value(entry)}" for key, entry in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:80]


# -- how each kind of value is read


def _one_of[Word: str](kind: type[Word]) -> Callable[[Any], Word]:
    words = " or ".join(f'"{word}"' for word in kind)  # type: ignore[attr-defined]

    def read(value: Any) -> Word:
        try:
            return kind(value)
        except ValueError:
            raise ValueError(words) from None

    return read


def _minutes(at_least: int, at_most: int) -> Callable[[Any], timedelta]:
    return lambda value: timedelta(minutes=_number(value, at_least, at_most))


def _number(value: Any, at_least: int, at_most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not at_least <= value <= at_most:
        raise ValueError(f"a whole number from {at_least} to {at_most}")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
        raise ValueError('a list of texts, such as ["*cash on delivery*"]')
    return tuple(each.strip() for each in value)


def _countries(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(
        isinstance(each, str) and len(each) == 2 and each.isalpha() for each in value
    ):
        raise ValueError('a list of ISO codes, such as ["IN", "AE"]')
    return tuple(each.upper() for each in value)


def _amounts(value: Any) -> tuple[tuple[str, Decimal], ...]:
    wanted = ValueError('amounts by currency, such as INR = "500"')
    if not isinstance(value, Mapping):
        raise wanted
    found = []
    for currency, text in value.items():
        try:
            amount = Decimal(str(text))
        except InvalidOperation:
            raise wanted from None
        if len(currency) != 3 or not currency.isalpha() or not amount.is_finite() or amount < 0:
            raise wanted
        found.append((currency.upper(), amount))
    return tuple(sorted(found))


def _days(value: Any) -> frozenset[date]:
    try:
        return frozenset(day if isinstance(day, date) else date.fromisoformat(day) for day in value)
    except (TypeError, ValueError):
        raise ValueError('a list of days, such as ["2027-01-26"]') from None


def _week(value: Any) -> tuple[CallingHours | None, ...]:
    names = [day.lower() for day in WEEK]
    if not isinstance(value, Mapping) or set(value) != set(names):
        raise ValueError('for each day two times, such as monday = "09:00-21:00", or "closed"')
    return tuple(None if value[day] == CLOSED else _day(day, value[day]) for day in names)


def _day(day: str, value: Any) -> CallingHours:
    try:
        return CallingHours.parse(value)
    except (TypeError, ValueError):
        wanted = f'for {day} two times at least five minutes apart, such as "09:00-21:00", or "closed"'
        raise ValueError(wanted) from None


def _zone(value: Any) -> ZoneInfo:
    if value not in available_timezones():
        raise ValueError('the name of a time zone, such as "Asia/Kolkata"')
    return ZoneInfo(value)


def _own_table(value: Any) -> tuple[tuple[str, Language], ...]:
    wanted = ValueError(
        f'languages by the codes of provinces, such as MH = "mr"; the languages are {", ".join(Language)}'
    )
    if not isinstance(value, Mapping):
        raise wanted
    found = [(code.upper(), Language.of(word)) for code, word in value.items()]
    if not all(len(code) == 2 and language for code, language in found):
        raise wanted
    return tuple((code, language) for code, language in found if language)


def _agent(language: Language) -> Callable[[Any], Agent | None]:
    def read(value: Any) -> Agent | None:
        names = {"agent_id", "campaign_id"}
        if (
            not isinstance(value, Mapping)
            or value.keys() - names
            or not all(isinstance(each, str) for each in value.values())
        ):
            raise ValueError('agent_id = "…" and campaign_id = "…"')
        given = {name: value.get(name, "").strip() for name in names}
        named = any(given.values()) or (value and language in OF_THE_ENVIRONMENT)
        return Agent(language=language, **given) if named else None

    return read


def _written_agent(language: Language) -> Callable[[Policy], dict[str, str]]:
    def write(policy: Policy) -> dict[str, str]:
        agent = policy.agent_for(language)
        return {"agent_id": agent.agent_id, "campaign_id": agent.campaign_id} if agent else {}

    return write


FIELDS: dict[tuple[str, str], Field] = {
    ("who", "payment"): Field(
        'Who is called by itself: "all", "to_collect" (something is to be collected at the door), "gateways" (below).',
        _one_of(Payment),
        lambda policy: policy.who.payment.value,
    ),
    ("who", "gateways"): Field(
        'The gateways that are called where payment is "gateways"; * stands for anything, the case does not matter.',
        _texts,
        lambda policy: list(policy.who.gateways),
    ),
    ("who", "countries"): Field(
        "The countries that are called, by ISO code. None: all.", _countries, lambda policy: list(policy.who.countries)
    ),
    ("who", "max_age_hours"): Field(
        "An order that reaches Ordercall later than so many hours after it was placed is not called by itself.",
        lambda value: timedelta(hours=_number(value, 1, 1_440)),
        lambda policy: policy.who.max_age // timedelta(hours=1),
    ),
    ("who", "least_due"): Field(
        'By currency, what at least must be due for a call, such as INR = "500". Other currencies have no limit.',
        _amounts,
        lambda policy: {currency: str(amount) for currency, amount in policy.who.least_due},
    ),
    ("when", "zone"): Field("The time zone of the hours.", _zone, lambda policy: policy.when.zone.key),
    ("when", "holidays"): Field(
        'Days without calls, such as ["2027-01-26"].',
        _days,
        lambda policy: [day.isoformat() for day in sorted(policy.when.holidays)],
    ),
    ("when", "window_minutes"): Field(
        "How long Kalimera may ring, from when the campaign was set.",
        _minutes(5, 1_440),
        lambda policy: policy.when.window // timedelta(minutes=1),
    ),
    ("when", "shortest_window_minutes"): Field(
        "With less than this left before closing time an order waits for the next opening.",
        _minutes(1, 1_440),
        lambda policy: policy.when.shortest // timedelta(minutes=1),
    ),
    ("when", "delay_minutes"): Field(
        "How long after it came an order is called by itself.",
        _minutes(0, 10_080),
        lambda policy: policy.when.delay // timedelta(minutes=1),
    ),
    ("when", "hours"): Field(
        'When customers may be rung, day by day; "closed" on a day without calls.',
        _week,
        lambda policy: {
            day.lower(): str(hours) if hours else CLOSED for day, hours in zip(WEEK, policy.when.week, strict=True)
        },
    ),
    ("language", "table"): Field(
        '"description": Gujarat hears Hindi, all others English. "india": the language of each state. "own": below.',
        _one_of(Table),
        lambda policy: policy.tongues.table.value,
    ),
    ("language", "own"): Field(
        'By the code of the province, such as MH = "mr". Who is not named here, or has no agent, hears English.',
        _own_table,
        lambda policy: dict(policy.tongues.own),
    ),
    **{
        ("agents", language.value): Field(
            f"The voice agent that speaks {language.label}, and the campaign on which it rings.",
            _agent(language),
            _written_agent(language),
        )
        for language in Language
    },
}
