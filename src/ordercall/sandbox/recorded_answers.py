"""Answers in the shapes of the real Kalimera's: those of a file that ``ordercall kalimera shapes`` has written.

It holds names and kinds. What stood somewhere as far as the product understood it (an id, a phone, a yes) is put there
again; everything else is filled with something of its kind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Response

from ordercall.errors import ConfigurationError
from ordercall.sandbox.contact_ids import as_number, of_number

PER_CONTACT = {"<contact id>": "contact id", "<phone>": "phone"}
"""Names in whose place each contact has its own."""

ROOMY = 1_000
"""The size of a page: all that a sandbox lists stands on one."""

SAID_BY = {"text": ("success", "failed"), "number": (1, 0)}
CODES = {"text": ("200", "400"), "number": (200, 400)}
"""A yes and a no, by their kind."""

BODILESS = (204, 304)  # RFC 9110
LIST = "look at the campaign's list"
"""What is answered by no shape of an empty list where somebody stands on it."""

PLAYED = frozenset({"done", "exists", "found", "none", "refused"})
"""What comes out of a request here. A list taken in part and a page in place of an answer do not: how they come about
is Kalimera's own matter, and no shape tells it."""

DEFAULTS = {"text": "text", "number": 0, "true or false": False, "null": None}

type Contact = Mapping[str, str]
"""``contact_id`` and ``phone``."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer has to say.

    Attributes:
        words: what a person would read in it.
        contacts: it is about, in their order.
        campaign: ``campaign_id``, ``agent_id``, and ``start`` and ``end`` as ISO 8601 writes them, or None.
    """

    words: str
    contacts: Sequence[Contact] = ()
    campaign: Mapping[str, str | None] = field(default_factory=dict)


class RecordedAnswers:
    """What is answered by a file.

    Args:
        answers: the shapes of the file; without any, nothing is answered by it.
    """

    def __init__(self, answers: Sequence[Mapping[str, Any]] = ()) -> None:
        self._answers = sorted(answers, key=lambda answer: -answer["times"])
        self._numbers = any("number, contact id" in json.dumps(answer["body"]) for answer in answers)

    @classmethod
    def in_file(cls, file: str) -> RecordedAnswers:
        """Return the answers of a file.

        Raises:
            ConfigurationError: it cannot be read, or is another file.
        """
        try:
            return cls.read(json.loads(Path(file).read_text("utf-8-sig")))
        except (OSError, ValueError, RecursionError) as error:
            raise ConfigurationError(
                [f"{file} is no file of Kalimera's answers; `ordercall kalimera shapes` prints one."]
            ) from error

    @classmethod
    def read(cls, document: Any) -> RecordedAnswers:
        """Return the answers of a document. ValueError: it is none of answers."""
        answers = document.get("answers") if isinstance(document, dict) else None
        if not isinstance(answers, list) or not all(map(_is_an_answer, answers)) or not _can_be_sent(answers):
            raise ValueError("Send what `ordercall kalimera shapes` prints.")
        return cls(answers)

    @property
    def not_played(self) -> list[str]:
        """What the file tells of and the sandbox never does, as a person reads it: "add to the campaign, in part"."""
        return sorted(
            {f"{one['operation']}, {one['outcome']}" for one in self._answers if one["outcome"] not in PLAYED}
        )

    def find(self, operation: str, outcome: str, status: int, said: Said) -> Response | None:
        """Return the most frequent answer to what was asked that can say this; None: none was recorded.

        A refusal is one of the same status: others mean something else.
        """
        for answer in self._answers:
            is_to_this = (answer["operation"], answer["outcome"]) == (operation, outcome)
            tells = operation != LIST or not said.contacts or _names_contacts(answer["body"])
            if is_to_this and tells and (outcome != "refused" or answer["status"] == status):
                return self._filled(answer, said)
        return None

    def told(self, contact_id: str) -> str | int:
        """Return what a contact's id is there."""
        return as_number(contact_id) if self._numbers else contact_id

    def own(self, contact_id: Any) -> Any:
        """Return the id that was told so."""
        return (self._numbers and of_number(str(contact_id))) or contact_id

    def _filled(self, answer: Mapping[str, Any], said: Said) -> Response:
        body = "" if answer["status"] in BODILESS else self._fill(answer["body"], said, None)
        is_text = isinstance(body, str) and answer["content_type"] != "application/json"
        return Response(
            body if is_text else json.dumps(body, ensure_ascii=False),
            answer["status"],
            content_type=answer["content_type"] or "application/json",
        )

    def _fill(self, shape: Any, said: Said, whose: Contact | None) -> Any:
        if isinstance(shape, dict):
            return self._object(shape, said, whose)
        if isinstance(shape, list):
            row = next(filter(_names_contacts, shape), None)
            if row is None or whose is not None:
                return [self._fill(each, said, whose) for each in shape]
            return [self._fill(row, said, contact) for contact in said.contacts]
        return self._leaf(shape, said, whose or next(iter(said.contacts), {}))

    def _object(self, shape: Mapping[str, Any], said: Said, whose: Contact | None) -> dict[str, Any]:
        filled: dict[str, Any] = {}
        for name, inner in shape.items():
            if part := PER_CONTACT.get(name):
                each = {self._leaf(f"text, {part}", said, one): self._fill(inner, said, one) for one in said.contacts}
                filled |= each
            else:
                filled[name] = self._fill(inner, said, whose)
        return filled

    def _leaf(self, shape: str, said: Said, whose: Contact) -> Any:
        kind, _, part = shape.partition(", ")
        value = self._value(kind, part, said, whose)
        if value is None or kind not in ("text", "number"):
            return value
        return str(value) if kind == "text" else _number(value)

    def _value(self, kind: str, part: str, said: Said, whose: Contact) -> Any:
        values = {
            "contact id": self.told(whose["contact_id"]) if whose else None,
            "phone": whose.get("phone"),
            "campaign id": said.campaign.get("campaign_id"),
            "agent id": said.campaign.get("agent_id"),
            "start": said.campaign.get("start"),
            "end": said.campaign.get("end"),
            "words": said.words,
            "as many": len(said.contacts),
            "page": 1,
            "page size": max(ROOMY, len(said.contacts) + 1),
            "next page": None,
            "empty": "",
            "of no matter": "active",
            "true": True,
            "false": False,
        }
        if part in values:
            return values[part]
        yes_and_no = CODES if part.endswith(" as a code") else SAID_BY
        if part.startswith(("yes", "no")) and kind in yes_and_no:
            return yes_and_no[kind][part.startswith("no")]
        return DEFAULTS.get(kind)


def _is_an_answer(answer: Any) -> bool:
    texts = ("operation", "outcome", "content_type")
    return (
        isinstance(answer, dict)
        and all(isinstance(answer.get(name), str) for name in texts)
        and all(isinstance(answer.get(name), int) for name in ("status", "times"))
        and 200 <= answer["status"] <= 599
        and answer["content_type"].isascii()
        and answer["content_type"].isprintable()
        and _is_a_shape(answer.get("body"))
    )


def _can_be_sent(answers: Any) -> bool:
    """Return whether no text has half an emoji, which JSON can say and no answer can."""
    try:
        json.dumps(answers, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_a_shape(part: Any) -> bool:
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else None
    return isinstance(part, str) if inner is None else all(map(_is_a_shape, inner))


def _names_contacts(shape: Any) -> bool:
    return _holds(shape, ", contact id", ", phone")


def _holds(shape: Any, *endings: str) -> bool:
    """Return whether something in a shape ends so, or is there for each contact."""
    if isinstance(shape, dict):
        return any(name in PER_CONTACT or _holds(inner, *endings) for name, inner in shape.items())
    if isinstance(shape, list):
        return any(_holds(each, *endings) for each in shape)
    return isinstance(shape, str) and shape.endswith(endings)


def _number(value: Any) -> Any:
    """Return a text as the number that an API writes in its place; one that cannot be one stays a text."""
    if not isinstance(value, str):
        return value
    try:
        return int(value.removeprefix("+"))
    except ValueError:
        return _seconds(value)


def _seconds(value: str) -> Any:
    try:
        return int(datetime.fromisoformat(value).timestamp())
    except ValueError:
        return value
