"""The API of the numbers that must not be called. It takes numbers and shows none: the list does not have them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from msgspec import Meta

from ordercall.domain.do_not_call import Source, Why, read_end, the_number
from ordercall.domain.people import Permission
from ordercall.errors import InvalidRequest
from ordercall.storage.records import do_not_call
from ordercall.storage.records.do_not_call import Entry
from ordercall.web.access.doors import PROGRAMS, current_actor, is_program, needs
from ordercall.web.context import context
from ordercall.web.declared import Id, Time, Told, asked, tells
from ordercall.web.sent import sent_object

bp = Blueprint("do_not_call", __name__, url_prefix="/api")


class EntryOfList(TypedDict):
    """An entry of the list, without its number. ``until``: null is for good."""

    id: Id
    since: Time
    by: str
    source: Source
    why: Why
    until: Time | None


class Listed(TypedDict):
    """Whether a number is listed. ``new`` tells of one that was not before, ``removed`` of one that was."""

    success: Literal[True]
    new: NotRequired[bool]
    removed: NotRequired[bool]
    listed: bool
    entry: EntryOfList | None


class Entries(TypedDict):
    """The newest fifty entries, or those before one of them."""

    success: Literal[True]
    entries: list[EntryOfList]


Phone = Annotated[
    str, Meta(description="A number with its country, such as +919876543210.", examples=["+919876543210"])
]


class PhoneSent(TypedDict):
    """A number."""

    phone: Phone


class Wish(PhoneSent):
    """A number that must not be called, until when, and why."""

    until: NotRequired[Annotated[str | None, Meta(description="A day or a time to come; left out: for good.")]]
    why: NotRequired[Why | None]


class NumbersAsked(TypedDict, total=False):
    """A number, or which page of the list."""

    phone: Phone
    before: Annotated[Id, Meta(description="The id of an entry; older ones are shown.")]


A_NUMBER = {"phone": "+919876543210"}


@bp.post("/do-not-call")
@needs(Permission.HANDLE, PROGRAMS)
@tells(Told(takes=Wish, gives={200: Listed}, example=A_NUMBER))
def add() -> ResponseReturnValue:
    """List a number, and withdraw the calls that are planned for it."""
    body = _body()
    phone, ends_at, why = _phone(body.get("phone")), _end(body.get("until")), _why(body.get("why"))
    source = Source.API if is_program() else Source.PERSON
    news = context().numbers.add([phone], source, by=current_actor(), ends_at=ends_at, why=why)
    return jsonify({"success": True, "new": bool(news)} | _found(phone))


@bp.delete("/do-not-call")
@needs(Permission.HANDLE, PROGRAMS)
@tells(Told(takes=PhoneSent, gives={200: Listed}, example=A_NUMBER))
def remove() -> ResponseReturnValue:
    """Take a number off the list. Nobody is called by that alone."""
    phone = _phone(_body().get("phone"))
    return jsonify({"success": True, "removed": context().numbers.remove(phone, by=current_actor())} | _found(phone))


@bp.get("/do-not-call")
@needs(Permission.SEE, PROGRAMS)
@tells(Told(asks=NumbersAsked, gives={200: (Listed, Entries)}))
def show() -> ResponseReturnValue:
    """Tell whether a number is listed; without one, show the list, the newest entries first."""
    query = asked(NumbersAsked)
    if "phone" in query:
        return jsonify({"success": True} | _found(_phone(query["phone"])))
    with context().db.read() as tx:
        entries = do_not_call.newest(tx, before=query.get("before"))
    return jsonify(success=True, entries=[_to_json(entry) for entry in entries])


def _found(phone: str) -> dict[str, Any]:
    with context().db.read() as tx:
        entry = context().numbers.find(tx, phone)
    return {"listed": entry is not None, "entry": entry and _to_json(entry)}


def _to_json(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "since": entry.listed_at.isoformat(timespec="seconds"),
        "by": entry.listed_by,
        "source": entry.source,
        "why": entry.why,
        "until": entry.ends_at.isoformat(timespec="seconds") if entry.ends_at else None,
    }


def _body() -> dict[str, Any]:
    return sent_object('{"phone": "+919876543210"}')


def _phone(text: object) -> str:
    phone = the_number(text) if isinstance(text, str) else None
    if phone is None:
        message = "Give one phone number, such as +919876543210; in an address the plus is written as %2B."
        raise InvalidRequest(message, code="InvalidPhone")
    return phone


def _end(text: object) -> datetime | None:
    """Return until when a wish holds. One that has ended already is a mistake of the sender's."""
    if text is None:
        return None
    try:
        ends_at = read_end(str(text))
    except ValueError:
        ends_at = None
    if ends_at is None or ends_at <= context().clock():
        message = "until is a day or a time to come, such as 2030-01-31; leave it out for good."
        raise InvalidRequest(message, code="InvalidTime")
    return ends_at


def _why(word: object) -> Why:
    why = Why.ASKED if word is None else Why.of(word)
    if why is None:
        raise InvalidRequest(f"why is one of {', '.join(Why)}, or left out.", code="InvalidWhy")
    return why
