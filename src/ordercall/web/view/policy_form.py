"""The policy as forms: what a browser would send of a version that nobody touched, and the document that it describes.

A page shows what is in such values, whether they came from a version or from a person, so nothing that was written is
lost where it cannot be used. A field that the environment holds is in no form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from ordercall.domain.calls.calling import Language
from ordercall.domain.parcels.write_back import FIELDS
from ordercall.domain.places.states_of_india import NAMES
from ordercall.domain.policy.changes import GUARDS
from ordercall.domain.policy.document import Document, write_document
from ordercall.domain.policy.rules import AGENT_IDS, WEEK, Policy
from ordercall.domain.policy.values import CLOSED

OWN = "own_"
"""What precedes the code of a state in the name of its field."""

type Values = MultiDict[str, str]

DAYS = {day.lower(): day for day in WEEK}
USUAL = ("09:00", "21:00")
"""What stands in the hours of a day without calls, for whoever opens it."""

TEXTS = {("who", "payment"), ("when", "zone"), ("belt", "cancel"), ("shipping", "pickup")} | {
    ("write_back", name) for name in FIELDS if name.startswith("tag_")
}
NUMBERS = {
    ("who", "max_age_hours"),
    ("when", "window_minutes"),
    ("when", "shortest_window_minutes"),
    ("when", "delay_minutes"),
    ("attempts", "number"),
    ("belt", "delay_minutes"),
    ("belt", "most_an_hour"),
    ("hold", "longest_hours"),
}
TICKS = {("belt", name) for name in GUARDS} | {
    ("attempts", "repeat_after_crash"),
    ("attempts", "together"),
    ("hold", "until_answered"),
    ("hold", "release_at_end"),
    ("write_back", "metafields"),
}
OTHERWISE = {("attempts", "number"): "calls", ("belt", "delay_minutes"): "cancel_delay_minutes"}
"""The fields of the form that are called otherwise than those of the document, of which two parts have a delay."""


def calling_values(policy: Policy) -> Values:
    """Return what the form *Calling* would send of a policy."""
    document = write_document(policy)
    who, when, attempts = document["who"], document["when"], document["attempts"]
    values: Values = MultiDict({_sent_as(field): str(document[field[0]][field[1]]) for field in TEXTS | NUMBERS})
    values.update({name: "on" for part, name in TICKS if document[part][name]})
    values["gaps_minutes"] = ", ".join(map(str, attempts["gaps_minutes"]))
    values.setlist("after", list(attempts["after"]))
    values["gateways"] = "\n".join(who["gateways"])
    values["countries"] = ", ".join(who["countries"])
    values.setlist("phones_not_called", list(who["phones_not_called"]))
    values.setlist("currency", list(who["least_due"]))
    values.setlist("amount", list(who["least_due"].values()))
    values.setlist("holiday", list(when["holidays"]))
    for day, hours in when["hours"].items():
        opens, closes = USUAL if hours == CLOSED else hours.split("-")
        values.update({f"{day}_from": opens, f"{day}_to": closes} | ({} if hours == CLOSED else {day: "on"}))
    return values


def calling_document(values: Values, policy: Policy, locks: Mapping[str, str]) -> Document:
    """Return the document of a policy with what the form *Calling* says in place of its fields."""
    said: dict[tuple[str, str], Any] = {field: values.get(_sent_as(field), "").strip() for field in TEXTS}
    said |= {field: _number(values.get(_sent_as(field), "")) for field in NUMBERS}
    said |= {field: _sent_as(field) in values for field in TICKS}
    said["attempts", "gaps_minutes"] = [_number(gap) for gap in _words(values.get("gaps_minutes", ""))]
    said["attempts", "after"] = values.getlist("after")
    said["who", "gateways"] = _lines(values.get("gateways", ""))
    said["who", "countries"] = _words(values.get("countries", ""))
    said["who", "phones_not_called"] = values.getlist("phones_not_called")
    pairs = zip(values.getlist("currency"), values.getlist("amount"), strict=False)
    said["who", "least_due"] = {
        currency.strip(): amount.strip() for currency, amount in pairs if currency.strip() or amount.strip()
    }
    said["when", "holidays"] = [day for day in values.getlist("holiday") if day.strip()]
    said["when", "hours"] = {day: _hours(values, day) for day in DAYS}
    return with_said(policy, said, locks)


def language_values(policy: Policy) -> Values:
    """Return what the form *Languages and agents* would send of a policy."""
    document = write_document(policy)
    own = dict.fromkeys(NAMES, "") | document["language"]["own"]
    values: Values = MultiDict({"table": document["language"]["table"]})
    values.update({f"{OWN}{code}": language for code, language in own.items()})
    for language, agent in document["agents"].items():
        for name in AGENT_IDS:
            values[f"{name}_{language}"] = agent.get(name, "")
    return values


def language_document(values: Values, policy: Policy, locks: Mapping[str, str]) -> Document:
    """Return the document of a policy with what the form *Languages and agents* says in place of its fields."""
    said: dict[tuple[str, str], Any] = {("language", "table"): values.get("table", "")}
    said["language", "own"] = {
        name.removeprefix(OWN): language for name, language in values.items() if name.startswith(OWN) and language
    }
    in_force = language_values(policy)
    for language in Language:
        said_of = {name: in_force if f"agents.{language}.{name}" in locks else values for name in AGENT_IDS}
        ids = {name: by.get(f"{name}_{language}", "").strip() for name, by in said_of.items()}
        said["agents", language] = ids if any(ids.values()) or policy.agent_for(language) else {}
    return with_said(policy, said, locks)


def with_said(policy: Policy, said: Mapping[tuple[str, str], Any], locks: Mapping[str, str]) -> Document:
    """Return the document of a policy with other values in the fields that the environment leaves free."""
    document = write_document(policy)
    for (part, name), value in said.items():
        if f"{part}.{name}" not in locks:
            document[part][name] = value
    return document


def _sent_as(field: tuple[str, str]) -> str:
    return OTHERWISE.get(field, field[1])


def _words(text: str) -> list[str]:
    return re.findall(r"[^\s,;]+", text)


def _hours(values: Values, day: str) -> str:
    return f"{values.get(f'{day}_from', '')}-{values.get(f'{day}_to', '')}" if day in values else CLOSED


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.replace("\r", "\n").split("\n") if line.strip()]


def _number(text: str) -> int | str:
    """Return a whole number, or what was written in its place, which no field takes."""
    return int(text) if re.fullmatch(r"\s*[0-9]{1,9}\s*", text) else text
