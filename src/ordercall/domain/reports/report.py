"""What an agent reports of a call, in the normal form: did it connect, was the talk finished, what was said.

Three separate facts, never one: a call that was completed says nothing of what the customer wants. Nothing that was
sent is refused: what cannot be read stands in ``unread``, and a person is shown it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from ordercall.domain.characters import storable
from ordercall.domain.orders.order import LARGEST_ID, Status
from ordercall.domain.phones.choosing import to_e164

LONGEST_WORD = 200
"""Characters of what is shown of a value that nobody could read; no platform's word is that long."""

LONGEST_ID = 200
"""Characters of the id of a call, a contact or a report; a longer one is none, and no index takes it."""

LONGEST_TEXT = 4_000
"""Characters of a quote, a note or a summary in the normal form; the body that came keeps the rest."""


class Connection(StrEnum):
    """Whether somebody was reached."""

    CONNECTED = "connected"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    VOICEMAIL = "voicemail"
    UNREACHABLE = "unreachable"
    INVALID_NUMBER = "invalid_number"
    FAILED = "failed"


class Completion(StrEnum):
    """Whether the talk came to its end."""

    COMPLETED = "completed"
    PARTIAL = "partial"
    NONE = "none"


class Answer(StrEnum):
    """What the customer said of the order."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    CHANGED = "changed"
    WRONG_PERSON = "wrong_person"
    UNCLEAR = "unclear"


ENDS = frozenset({Answer.CONFIRMED, Answer.REFUSED, Answer.WRONG_PERSON})
"""The answers after which nothing more of the call is to come."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A value that stands where a word was expected, and is none that is known. ``path``: its keys, with dots."""

    path: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Report:
    """A report in the normal form. What was not said is None. It has no repr: half of it is personal.

    Attributes:
        status: one of the four, where the route takes it.
        final: whether nothing more of this call is to come.
        unread: what stands where a word was expected, and is none.
    """

    call_id: str | None = None
    contact_id: str | None = None
    phone: str | None = field(default=None, metadata={"personal": True})
    shopify_id: int | None = None
    report_id: str | None = None
    status: Status | None = None
    connection: Connection | None = None
    completion: Completion | None = None
    answer: Answer | None = None
    do_not_call: bool | None = None
    language: str | None = None
    callback_at: datetime | None = None
    address: Mapping[str, Any] | None = field(default=None, metadata={"personal": True})
    reason: str | None = field(default=None, metadata={"personal": True})
    quote: str | None = field(default=None, metadata={"personal": True})
    confidence: float | None = None
    note: str | None = field(default=None, metadata={"personal": True})
    recording_url: str | None = field(default=None, metadata={"personal": True})
    summary: str | None = field(default=None, metadata={"personal": True})
    duration_seconds: float | None = None
    happened_at: datetime | None = None
    final: bool = True
    force: bool = False
    unread: tuple[Unread, ...] = ()

    @property
    def names_somebody(self) -> bool:
        """Whether it says in any way whose it is."""
        return any((self.call_id, self.contact_id, self.phone, self.shopify_id))

    @property
    def ends_the_call(self) -> bool:
        """Whether the customer was heard, and nothing more of this call is to come."""
        ended = self.status in (Status.SUCCESS, Status.FAILED)
        asked = ended or self.answer or self.do_not_call or self.callback_at or self.address
        talked = self.completion in (Completion.COMPLETED, Completion.PARTIAL)
        return self.final and bool(asked or (talked and not self.reached_nobody))

    @property
    def reached_nobody(self) -> bool:
        return self.connection not in (None, Connection.CONNECTED)

    @property
    def wanted(self) -> Status | None:
        """The status that the order should get, if the report is for it alone and believed."""
        return self.status or (WANTED.get(self.answer) if self.answer else None)

    @property
    def words(self) -> dict[str, Any]:
        """Its words without anything personal, as they are kept for good."""
        values = {name: getattr(self, name) for name in IMPERSONAL}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in values.items()
            if value not in (None, False) or name == "final"
        }


WANTED = {Answer.CONFIRMED: Status.SUCCESS, Answer.REFUSED: Status.FAILED}
"""What becomes of an order by an answer. Every other answer is for a person."""

STATUS_KEYS = tuple(each.name for each in fields(Report) if each.name != "unread")
KEYS = tuple(name for name in STATUS_KEYS if name != "status")
"""Of the normal form. Only the status route has ``status``: platforms call other things so."""

IMPERSONAL = tuple(
    each.name for each in fields(Report) if each.name in STATUS_KEYS and not each.metadata.get("personal")
)

ASIDE = frozenset({"reason", "quote", "confidence", "note", "recording_url", "summary", "duration_seconds"})
"""What changes nothing about an order, so that one that cannot be read holds up nothing."""


class _Strange(ValueError):
    """A value is none that its key can have."""


def read_report(
    keys: Mapping[str, Any], zone: ZoneInfo, *, unread: Iterable[Unread] = (), redials: bool = False
) -> Report:
    """Return the report that these keys of the normal form tell; other keys are nobody's.

    Args:
        unread: words that were strange before.
        zone: in which a time without a zone is meant.
        redials: Kalimera rings again by itself, so that an attempt without an answer is not the last.
    """
    values: dict[str, Any] = {}
    strange = list(unread)
    for key in STATUS_KEYS:
        value = keys.get(key)
        if value is None:
            continue
        try:
            values[key] = _READERS[key](value, zone)
        except _Strange:
            strange.append(Unread(key, shown(value)))
    report = Report(**{"final": False} | values, unread=tuple(strange))
    return report if "final" in values else replace(report, final=is_final(report, redials=redials))


def is_final(report: Report, *, redials: bool) -> bool:
    """Return whether a report that does not say so is the last of its call."""
    if report.answer in ENDS or report.do_not_call or report.completion is Completion.COMPLETED:
        return True
    return not (report.reached_nobody and redials)


def shown(value: Any) -> str:
    """Return a value as a word of a list: short, on one line, as JSON writes it."""
    plain = {None: "null", True: "true", False: "false"}
    text = plain[value] if value is None or isinstance(value, bool) else str(value)
    return " ".join(storable(text[: 2 * LONGEST_WORD]).split())[:LONGEST_WORD]


def plain_word(text: str) -> str:
    """Return a word as it is compared: NO-ANSWER, "no answer" and no_answer are the same."""
    return re.sub(r"[\s_-]+", "_", text.strip().casefold())


def _text(value: Any, _zone: ZoneInfo) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise _Strange
    return _storable(str(value))


def _id(value: Any, zone: ZoneInfo) -> str:
    text = _text(value, zone)
    if len(text) > LONGEST_ID:
        raise _Strange
    return text


def _storable(text: str) -> str:
    clean = storable(text[:LONGEST_TEXT]).strip()
    if not clean:
        raise _Strange
    return clean


def _phone(value: Any, _zone: ZoneInfo) -> str:
    number = to_e164(value) if isinstance(value, str) else None
    if number is None:
        raise _Strange
    return number


def _order_id(value: Any, _zone: ZoneInfo) -> int:
    text = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(LARGEST_ID)):
        raise _Strange
    number = int(text)
    if not 0 < number <= LARGEST_ID:
        raise _Strange
    return number


def _flag(value: Any, _zone: ZoneInfo) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and plain_word(value) in ("true", "false"):
        return plain_word(value) == "true"
    raise _Strange


def _number(value: Any, _zone: ZoneInfo) -> float:
    try:
        number = float(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else -1.0
    except (ValueError, OverflowError):
        raise _Strange from None
    if not 0 <= number < float("inf"):
        raise _Strange
    return number


def _time(value: Any, zone: ZoneInfo) -> datetime:
    """Read ISO 8601, or unix seconds, as a number or in digits."""
    try:
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise _Strange
        if isinstance(value, (int, float)) or re.fullmatch(r"\d{9,11}(\.\d+)?", value):
            return datetime.fromtimestamp(float(value), zone)
        found = datetime.fromisoformat(value.strip())
        found = found if found.tzinfo else found.replace(tzinfo=zone)
        found.timestamp()  # in year 1 there is none
    except (ValueError, OverflowError, OSError):
        raise _Strange from None
    return found


def _address(value: Any, _zone: ZoneInfo) -> Mapping[str, Any]:
    if isinstance(value, str) and value.strip():
        return {"text": _storable(value)}
    if not isinstance(value, dict) or not value:
        raise _Strange
    return value


def _status(value: Any, _zone: ZoneInfo) -> Status:
    """Read one of the four to the letter, as ever."""
    found = Status.of(value) if isinstance(value, str) else None
    if found is None:
        raise _Strange
    return found


def _one_of(kind: type[StrEnum]) -> Callable[[Any, ZoneInfo], StrEnum]:
    by_word = {member.value: member for member in kind}

    def read(value: Any, _zone: ZoneInfo) -> StrEnum:
        found = by_word.get(plain_word(value)) if isinstance(value, str) else None
        if found is None:
            raise _Strange
        return found

    return read


_READERS: dict[str, Callable[[Any, ZoneInfo], Any]] = {
    "phone": _phone,
    "shopify_id": _order_id,
    "status": _status,
    "connection": _one_of(Connection),
    "completion": _one_of(Completion),
    "answer": _one_of(Answer),
    "do_not_call": _flag,
    "callback_at": _time,
    "address": _address,
    "confidence": _number,
    "duration_seconds": _number,
    "happened_at": _time,
    "final": _flag,
    "force": _flag,
    "call_id": _id,
    "contact_id": _id,
    "report_id": _id,
    "language": _id,
} | dict.fromkeys(("reason", "quote", "note", "recording_url", "summary"), _text)


def of_weight(unread: Iterable[Unread]) -> list[Unread]:
    """Return what cannot be read and may have been meant to change something."""
    return [each for each in unread if each.path not in ASIDE]
