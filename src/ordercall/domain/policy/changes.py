"""What is another in one policy than in another, in words for a person; and a draft carried over to a newer version."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ordercall.domain.calls.calling import CallingHours, Language
from ordercall.domain.places.states_of_india import NAMES
from ordercall.domain.policy.document import Document, write_document
from ordercall.domain.policy.fields import FIELDS
from ordercall.domain.policy.rules import WEEK, After, Belt, Cancels, Policy, When
from ordercall.domain.policy.values import CLOSED

LABELS: dict[tuple[str, str], str] = {
    ("who", "payment"): "Payment",
    ("who", "gateways"): "Gateways",
    ("who", "countries"): "Countries",
    ("who", "phones_not_called"): "Numbers that are not called",
    ("who", "max_age_hours"): "Oldest order, in hours",
    ("who", "least_due"): "Least amount due",
    ("when", "zone"): "Time zone",
    ("when", "holidays"): "Holidays",
    ("when", "window_minutes"): "Window, in minutes",
    ("when", "shortest_window_minutes"): "Shortest window, in minutes",
    ("when", "delay_minutes"): "Delay, in minutes",
    ("when", "hours"): "Hours",
    ("language", "table"): "Table of languages",
    ("language", "own"): "Own table",
    ("attempts", "number"): "Calls where nobody is reached",
    ("attempts", "gaps_minutes"): "Gaps between them, in minutes",
    ("attempts", "after"): "Called again after",
    ("attempts", "together"): "Orders of one customer in one call",
    ("attempts", "repeat_after_crash"): "Added again after a crash, where nobody can look",
    ("belt", "cancel"): "Cancels that no person asked for",
    ("belt", "delay_minutes"): "They wait, in minutes",
    ("belt", "most_an_hour"): "At most in an hour",
    ("belt", "evidence"): "Left to a person without the customer's words",
    ("belt", "paid"): "Left to a person where something is paid",
    ("belt", "edited"): "Left to a person where the order was edited",
    ("belt", "other_number"): "Left to a person where another number refused",
    ("shipping", "pickup"): "Pickup",
    ("hold", "until_answered"): "Parcels held until the customer has answered",
    ("hold", "release_at_end"): "Released where nobody was reached by the last call",
    ("hold", "longest_hours"): "Held at most, in hours",
    ("write_back", "tag_pending"): "Tag in Shopify while it waits",
    ("write_back", "tag_confirmed"): "Tag of a confirmed order",
    ("write_back", "tag_failed"): "Tag of a failed order",
    ("write_back", "tag_no_answer"): "Tag where nobody is reached",
    ("write_back", "tag_call_back"): "Tag of one to be called later",
    ("write_back", "metafields"): "Metafields in Shopify",
    **{("agents", language.value): f"Agent for {language.label}" for language in Language},
}
"""What a field of the document is called on a page."""

WORDS = {
    ("who", "payment"): {
        "all": "all orders",
        "to_collect": "only what is to be collected",
        "gateways": "only the named gateways",
    },
    ("language", "table"): {
        "description": "as described: Gujarat in Hindi, all others in English",
        "india": "the language of each state of India",
        "own": "own table",
    },
    ("language", "own"): {language.value: language.label for language in Language},
    ("when", "hours"): {CLOSED: "no calls"},
    ("attempts", "after"): {cause.value: cause.value.replace("_", " ") for cause in After},
    ("belt", "cancel"): {"on": "go to Shopify", "off": "are left to a person"},
}
"""The values of a field, as a person reads them."""

LINES = {
    "agent_id": "id",
    "campaign_id": "campaign",
    **{day.lower(): day for day in WEEK},
    **{code: names[0] for code, names in NAMES.items()},
}
"""The lines of the tables, as a person reads them."""

GUARDS = ("evidence", "paid", "edited", "other_number")
"""The fields of the belt that leave a cancel to a person."""

IN_INDIA = frozenset({"Asia/Kolkata", "Asia/Calcutta"})

RULE_OF_THUMB = CallingHours.parse("09:00-21:00")
"""When people in India are rung. TRAI, the regulator, keeps promotional calls to these hours (TCCCPR 2018)."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of what changes: of which field, what it was, what it becomes."""

    label: str
    was: str
    became: str


def changes(before: Policy, after: Policy) -> list[Change]:
    """Return what is another in the second of two policies; of a table each line that differs is one change."""
    was, became = write_document(before), write_document(after)
    return [
        Change(label, _shown(field, old), _shown(field, new))
        for field in FIELDS
        for label, old, new in _lines(field, was[field[0]][field[1]], became[field[0]][field[1]])
        if old != new
    ]


def carried_over(base: Policy, written: Policy, newest: Policy) -> Document:
    """Return the newest version with what a draft changes of the version that it was made from.

    A field, or the line of a table, that the draft leaves alone is the newest version's.
    """
    of_base, of_draft, document = write_document(base), write_document(written), write_document(newest)
    for part, name in FIELDS:
        was, wanted, current = of_base[part][name], of_draft[part][name], document[part][name]
        document[part][name] = _merged(was, wanted, current)
    return document


def for_the_page(fault: str) -> str:
    """Return what is wrong with a document, with the names that its fields have on a page."""
    for (part, name), label in LABELS.items():
        fault = re.sub(rf'^{part}\.{name} is ["\[{{\d-].*; write', f"{label}: write", fault)
        fault = re.sub(rf"\b{part}\.{name}\b", label, fault)
    return fault


def days_beyond_the_rule(when: When) -> list[str]:
    """Return the days on which hours in India begin before 9 or end after 21."""
    if when.zone.key not in IN_INDIA:
        return []
    return [day for day, hours in zip(WEEK, when.week, strict=True) if hours and not _within(hours)]


def lets_cancels_go(was: Belt, becomes: Belt) -> list[str]:
    """Return the labels of what has cancels that no person asked for leave sooner, or more of them.

    What has left cannot be called back from Shopify.
    """
    if becomes.cancel is Cancels.OFF:
        return []
    looser = {
        "cancel": was.cancel is Cancels.OFF,
        "delay_minutes": becomes.delay < was.delay,
        "most_an_hour": 0 < was.most_an_hour < (becomes.most_an_hour or math.inf),
        **{guard: getattr(was, guard) and not getattr(becomes, guard) for guard in GUARDS},
    }
    return [LABELS["belt", name] for name, is_looser in looser.items() if is_looser]


def _within(hours: CallingHours) -> bool:
    closes, latest = hours.closes, RULE_OF_THUMB.closes
    return hours.opens >= RULE_OF_THUMB.opens and closes is not None and latest is not None and closes <= latest


def _merged(was: Any, wanted: Any, current: Any) -> Any:
    if not isinstance(current, Mapping):
        return wanted if wanted != was else current
    names = {**current, **wanted}
    merged = {name: (wanted if wanted.get(name) != was.get(name) else current).get(name) for name in names}
    return {name: value for name, value in merged.items() if value is not None}


def _lines(field: tuple[str, str], was: Any, became: Any) -> list[tuple[str, Any, Any]]:
    """Return a field's label with both values, or those of each line where it is a table."""
    label = LABELS[field]
    if not isinstance(was, Mapping):
        return [(label, was, became)]
    return [(f"{label}, {LINES.get(name, name)}", was.get(name), became.get(name)) for name in {**was, **became}]


def _shown(field: tuple[str, str], value: Any) -> str:
    if value in (None, "", []):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    words = WORDS.get(field, {})
    return ", ".join(words.get(each, str(each)) for each in (value if isinstance(value, list) else [value]))
