"""The fields of a policy's document, each declared once: what it is for, how it is read and how it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter
from typing import Any

from ordercall.domain.calls.calling import Language
from ordercall.domain.parcels.write_back import FIELDS as WRITTEN
from ordercall.domain.policy import values as read
from ordercall.domain.policy.rules import WEEK, Cancels, Payment, Policy, Table

LONGEST_DELAY = timedelta(days=1)
"""Parcels leave within a day or two, and a cancel that waits for longer comes too late."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the document. ``read`` raises a ValueError with what it must be."""

    says: str
    read: Callable[[Any], Any]
    write: Callable[[Policy], Any]


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
    ("who", "phones_not_called"): Field(
        "The kinds of numbers that are not called by themselves, such as landlines. None: all are called.",
        read.phone_kinds,
        lambda policy: [kind.value for kind in policy.who.phones_not_called],
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
