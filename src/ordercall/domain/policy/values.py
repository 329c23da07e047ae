"""How each kind of value in the document of a policy is read, and the agents written.

Each raises a ValueError that says what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from ordercall.domain.calls.calling import CallingHours, Language
from ordercall.domain.parcels.shipping import Shipping
from ordercall.domain.parcels.write_back import LONGEST_TAG, read_tag
from ordercall.domain.phones.choosing import PhoneKind
from ordercall.domain.places.provinces import same_code
from ordercall.domain.places.time_zones import time_zone
from ordercall.domain.policy.rules import OF_THE_ENVIRONMENT, WEEK, After, Agent, Policy

CLOSED = "closed"

NO_MOBILES = tuple(kind for kind in PhoneKind if kind is not PhoneKind.MOBILE)

HOLIDAY_YEARS = range(2000, 2200)
"""Before and after them no shop rests; the first and the last day of the calendar have no day beside them."""

SHORTEST_GAP, LONGEST_GAP = 15, 10_080
"""Minutes: a line that was busy is free after a quarter of an hour, and a week later the parcel is long gone."""


def one_of[Word: str](kind: type[Word]) -> Callable[[Any], Word]:
    words = " or ".join(f'"{word}"' for word in kind)  # type: ignore[attr-defined]

    def read(value: Any) -> Word:
        try:
            return kind(value)
        except ValueError:
            raise ValueError(words) from None

    return read


def minutes(at_least: int, at_most: int) -> Callable[[Any], timedelta]:
    return lambda value: timedelta(minutes=number(value, at_least, at_most))


def number(value: Any, at_least: int, at_most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not at_least <= value <= at_most:
        raise ValueError(f"a whole number from {at_least} to {at_most}")
    return value


def yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def written(name: str) -> Callable[[Any], Any]:
    """Return how a field of what is written to Shopify is read: a tag, or whether metafields are."""
    return tag if name.startswith("tag_") else yes_or_no


def tag(value: Any) -> str:
    found = read_tag(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f'a tag of at most {LONGEST_TAG} characters without a comma or signs that show nothing, or ""')
    return found


def texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
        raise ValueError('a list of texts, such as ["*cash on delivery*"]')
    return tuple(each.strip() for each in value)


def countries(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(
        isinstance(each, str) and len(each) == 2 and each.isascii() and each.isalpha() for each in value
    ):
        raise ValueError('a list of ISO codes, such as ["IN", "AE"]')
    return tuple(each.upper() for each in value)


def phone_kinds(value: Any) -> tuple[PhoneKind, ...]:
    if not isinstance(value, list) or not all(each in NO_MOBILES for each in value):
        raise ValueError(f"a list of kinds of numbers, of {', '.join(f'"{kind}"' for kind in NO_MOBILES)}")
    return tuple(kind for kind in NO_MOBILES if kind in value)


def amounts(value: Any) -> tuple[tuple[str, Decimal], ...]:
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


def days(value: Any) -> frozenset[date]:
    wanted = ValueError('a list of days, such as ["2027-01-26"]')
    if not isinstance(value, list):
        raise wanted
    try:
        found = frozenset(day if type(day) is date else date.fromisoformat(day) for day in value)  # a datetime is one
    except (TypeError, ValueError):
        raise wanted from None
    if not all(day.year in HOLIDAY_YEARS for day in found):
        raise ValueError('a list of days of this century, such as ["2027-01-26"]')
    return found


def week(value: Any) -> tuple[CallingHours | None, ...]:
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


def shipping(value: Any) -> Shipping:
    try:
        return Shipping.parse(value)
    except (TypeError, ValueError):
        wanted = 'a time such as "17:00", one with days such as "Mon-Sat 17:00", or "" for none'
        raise ValueError(wanted) from None


def zone(value: Any) -> ZoneInfo:
    found = time_zone(value)
    if found is None:
        raise ValueError('the name of a time zone, such as "Asia/Kolkata"')
    return found


def own_table(value: Any) -> tuple[tuple[str, Language], ...]:
    wanted = ValueError(
        f'languages by the codes of provinces, such as MH = "mr"; the languages are {", ".join(Language)}'
    )
    if not isinstance(value, Mapping):
        raise wanted
    found = [(same_code(code) or code.upper(), Language.of(word)) for code, word in value.items()]
    if not all(len(code) == 2 and language for code, language in found):
        raise wanted
    return tuple((code, language) for code, language in found if language)


def gaps(value: Any) -> tuple[timedelta, ...]:
    wanted = f"a list of minutes, each a whole number from {SHORTEST_GAP} to {LONGEST_GAP}, such as [60, 240]"
    if not isinstance(value, list) or not value or not all(_is_gap(each) for each in value):
        raise ValueError(wanted)
    return tuple(timedelta(minutes=each) for each in value)


def _is_gap(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and SHORTEST_GAP <= value <= LONGEST_GAP


def causes(value: Any) -> tuple[After, ...]:
    words = {each.value: each for each in After}
    if not isinstance(value, list) or not all(isinstance(each, str) and each in words for each in value):
        raise ValueError(f"a list of some of these words: {', '.join(words)}")
    return tuple(word for word in After if word in value)


def agent(language: Language) -> Callable[[Any], Agent | None]:
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


def written_agent(language: Language) -> Callable[[Policy], dict[str, str]]:
    def write(policy: Policy) -> dict[str, str]:
        agent = policy.agent_for(language)
        return {"agent_id": agent.agent_id, "campaign_id": agent.campaign_id} if agent else {}

    return write
