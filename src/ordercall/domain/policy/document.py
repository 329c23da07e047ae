"""The policy as a document: plain values by part and name, as TOML for people and as JSON in the database."""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import InvalidOperation
from functools import lru_cache
from typing import Any

from ordercall.domain.characters import is_kept
from ordercall.domain.parcels.holds import HoldRules
from ordercall.domain.parcels.shipping import Shipping
from ordercall.domain.parcels.write_back import WriteBack
from ordercall.domain.places.time_zones import is_a_place
from ordercall.domain.policy.fields import FIELDS
from ordercall.domain.policy.rules import (
    OF_THE_ENVIRONMENT,
    Attempts,
    Belt,
    Payment,
    Policy,
    Tongues,
    When,
    Who,
)

type Document = dict[str, dict[str, Any]]
"""The values of each field, as JSON and TOML both hold them, by part and name."""

LONGEST_WAIT = timedelta(days=14)
"""Hours that ring nobody for so long are a mistake."""

LONGEST_TEXT = 255
"""Characters, as Shopify has it for names; no agent's id comes near it."""

MOST_DUE = 10**12
"""In any currency more than an order is about: with such a limit nobody would be called, and nothing would say why."""

AGENTS = "agents"


class PolicyFaults(Exception):
    """What is wrong with a document, a sentence each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


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
    faults += [] if faults else _odd_texts(document)
    policy = _policy(values, version) if not faults else Policy()
    faults += [] if faults else _disagreements(policy, now)
    faults += [] if faults else _not_kept(policy, values, document)
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
            entries = [f"{_key(key)} = {_value(entry)}" for key, entry in fields[name].items()]
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
    values.setdefault(("attempts", "together"), False)  # as it was for a version that says nothing of it
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
    if not is_a_place(when.zone):
        yield f'when.zone is "{when.zone.key}", which is no place; write one, such as "Asia/Kolkata".'
    for agent in policy.agents:
        if agent.agent_id and not agent.campaign_id and agent.language not in OF_THE_ENVIRONMENT:
            yield f"agents.{agent.language} has an agent_id and no campaign_id; write the campaign on which it rings."
    for currency, amount in who.least_due:
        if amount >= MOST_DUE:
            yield f'who.least_due has {currency} = "{amount}", more than any order is about; write less.'
    if who.payment is Payment.GATEWAYS and not who.gateways:
        yield 'who.payment is "gateways" and who.gateways names none; name one, such as "*cash on delivery*".'


def _odd_texts(document: Mapping[str, Any]) -> Iterator[str]:
    """Tell which fields hold what nobody sees or types: nothing would ever be equal to it."""
    for part, fields in document.items():
        for name, value in fields.items():
            names, texts = _written_in(value)
            if not all(map(str.isascii, names)) or not all(_is_plain(text.strip()) for text in (*names, *texts)):
                yield (
                    f"{part}.{name} is {_shown(value)}; write letters that one sees, {LONGEST_TEXT} at most in a text."
                )


def _written_in(value: Any) -> tuple[list[str], list[str]]:
    """Return the names in a value, where it is a table, and its texts."""
    if isinstance(value, Mapping):
        return list(value), [text for each in value.values() for text in _written_in(each)[1]]
    return [], [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _is_plain(text: str) -> bool:
    return len(text) <= LONGEST_TEXT and all(is_kept(sign) or unicodedata.category(sign) == "Zs" for sign in text)


def _not_kept(policy: Policy, values: Mapping[tuple[str, str], Any], document: Mapping[str, Any]) -> Iterator[str]:
    """Tell which fields would not come back as they were read: a version that cannot be read stops the whole shop."""
    for (part, name), value in values.items():
        declared = FIELDS[part, name]
        try:
            is_kept = (
                declared.read(json.loads(json.dumps(declared.write(policy), ensure_ascii=False).encode())) == value
            )
        except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation):
            is_kept = False
        if not is_kept:
            yield f"{part}.{name} is {_shown(document[part][name])}; write plain letters, and each name once."


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
        return "{" + ", ".join(f"{_key(key)} = {_value(entry)}" for key, entry in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", r"\u007f")  # JSON takes it as it is, TOML does not


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str).encode(errors="backslashreplace").decode()[:80]
