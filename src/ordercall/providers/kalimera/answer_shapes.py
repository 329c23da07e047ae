"""The shape of an answer of Kalimera: names and kinds, and what stood where as far as it was understood; no value.

A leaf is its kind, and behind a comma its part in the answer: ``text, contact id`` is a text that is the id of a
contact that was asked for or told, ``number, yes`` a number that was read as a yes. Where an answer has something for
each contact under its id or phone, ``<contact id>`` or ``<phone>`` stands in place of the names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from ordercall.domain.contact_ids import is_id, shown
from ordercall.domain.contract import Contract
from ordercall.domain.outside_json import folded
from ordercall.domain.shapes import A_VALUE, KINDS, AnswerShape, Path, field_name, shape_by
from ordercall.providers.http import Request
from ordercall.providers.kalimera.additions import REFUSED, read_addition
from ordercall.providers.kalimera.campaigns import ENDS, CampaignSeen, read_campaign
from ordercall.providers.kalimera.contacts import TEN_DIGITS, digits_of, id_made_for, ids_of_phone, is_of_a_phone
from ordercall.providers.kalimera.list_pages import read_page
from ordercall.providers.kalimera.names import Sense, sense_of, whole_number
from ordercall.providers.kalimera.paging import END, MORE, PAGE_SIZE, PAGES, THIS_PAGE, TOTAL
from ordercall.providers.kalimera.statements import Asked
from ordercall.providers.kalimera.verdicts import (
    CODES,
    FAULTS,
    FLAGS,
    SPEAKING_KEYS,
    STATES,
    Says,
    field_says,
    holds_something,
    is_a_web_page,
    says_it_exists,
    says_no,
)
from ordercall.providers.masking import texts_to_hide

_MEDIA_TYPE = re.compile(r"[a-z]{1,20}/[a-z][a-z.+-]{0,40}")
_STARTS = frozenset(name.replace("end", "start") for name in ENDS)
_SPEAKING = frozenset(SPEAKING_KEYS)
_WORDED = FLAGS | STATES | CODES
LEAST_CODE = 100
"""From here on a number that says yes or no is a status of HTTP."""


PER_CONTACT = ("contact id", "phone")
"""What may stand in place of a name, where an answer has something for each contact."""


@dataclass(frozen=True, slots=True)
class Told:
    """The contacts that an answer tells of by their ids, how many they are, and its outcome in a word."""

    outcome: str
    ids: frozenset[str] = frozenset()
    number: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an answer by the request and by how it was understood.

    Attributes:
        ids: of contacts, asked for or told, as people read them.
        digits: of the phone that was asked for, as E.164 writes it; empty: none was.
        campaign_id: that was asked about; empty: none was.
        number: of contacts that it is about.
        ours: our name by theirs, of what is understood.
    """

    ids: frozenset[str]
    digits: str
    campaign_id: str
    seen: CampaignSeen
    number: int
    ours: Mapping[str, str]

    def name(self, theirs: str) -> str:
        """Return what a name means here: under a contact's id stands what is said of it."""
        return "status" if theirs in self.ids else self.ours.get(theirs, theirs)


def shape_of_answer(request: Request, status: int, content_type: str, body: Any, contract: Contract) -> AnswerShape:
    """Return the shape of what was answered.

    Args:
        body: as it came.
    """
    asked, heard = _in_our_names(request, contract), contract.heard(body)
    told = _told(request, asked, status, heard, contract)
    known = _known(request, asked, told, heard, contract)
    quoted = texts_to_hide([request.json, request.params], contract.personal)

    def leaf(path: Path, value: Any) -> str:
        part = _part(path, value, known)
        return f"{KINDS[type(value)]}, {part}" if part else KINDS[type(value)]

    def name(key: str) -> str:
        part = _named("", key, known) if key else ""
        return f"<{part}>" if part in PER_CONTACT else A_VALUE if key in quoted else field_name(key)

    shape = shape_by(leaf, body, name=name)
    media_type = content_type.partition(";")[0].strip().lower()
    return AnswerShape(
        operation="look up the contact" if request.operation == "check the token" else request.operation,
        status=status,
        content_type=media_type if _MEDIA_TYPE.fullmatch(media_type) else "",
        outcome=told.outcome,
        body=json.dumps(shape, ensure_ascii=False, separators=(",", ":")),
    )


def _in_our_names(request: Request, contract: Contract) -> dict[str, Any]:
    """Return what was sent or asked for."""
    sent: Mapping[str, Any] = request.json or request.params or {}
    ours = {theirs: name for (part, name), theirs in contract.renamed.items() if part != "metadata"}
    return {ours.get(key, key): value for key, value in sent.items()}


def _known(request: Request, asked: Mapping[str, Any], told: Told, heard: Any, contract: Contract) -> Known:
    campaign_id = str(asked.get("campaign_id") or next(iter(asked.get("campaign_ids", ())), ""))
    seen = CampaignSeen()
    if request.operation in ("update the campaign", "look at the campaign"):
        campaign_id = unquote(urlsplit(request.url).path.rpartition("/")[2])
        seen = read_campaign(heard, campaign_id)
    phone = str(asked.get("phone") or "")
    return Known(told.ids, digits_of(phone) if phone else "", campaign_id, seen, told.number, contract.ours)


def _told(request: Request, asked: Mapping[str, Any], status: int, heard: Any, contract: Contract) -> Told:
    no, phone = status >= REFUSED or says_no(heard), str(asked.get("phone") or "")
    match request.method, request.operation:
        case "POST", "create the contact":
            found = id_made_for(heard, phone, contract.id_path)
            ids = frozenset({shown(found)} if found else ())
            return Told("exists" if no and says_it_exists(heard) else _plain(heard, no=no), ids, 1)
        case "GET", "look up the contact" | "check the token":
            ids = frozenset(_all_of_phone(heard, phone))
            return Told("found" if ids else "refused" if no else "none", ids, len(ids))
        case "GET", "look at the campaign's list":
            page = None if no else read_page(heard)
            entries = page.entries if page else ()
            return Told(_plain(heard, no=no), frozenset[str]().union(*entries), len(entries))
        case "POST", "add to the campaign":
            return _told_of_addition([str(each) for each in asked.get("contact_ids", ())], status, heard)
        case _:
            return Told(_plain(heard, no=no))


def _told_of_addition(listed: list[str], status: int, heard: Any) -> Told:
    addition = read_addition(heard, Asked(dict.fromkeys(listed)), status=status)
    no = "exists" if says_it_exists(heard) else "refused"
    outcome = "done" if len(addition.added) == len(listed) else no if addition.is_a_no else "in part"
    return Told(outcome, frozenset(listed), len(listed))


def _plain(body: Any, *, no: bool) -> str:
    return "unclear" if is_a_web_page(body) else "refused" if no else "done"


def _all_of_phone(body: Any, phone: str) -> set[str]:
    return {shown(one) for one, _ in ids_of_phone(body, phone)}


def _part(path: Path, value: Any, known: Known) -> str:
    """Return the part that a leaf has in its answer; empty: none that is known."""
    path = tuple(map(known.name, path))
    name = folded(path[-1]) if path else ""
    if value is None:
        return ""
    if value == "" or (name in FAULTS and isinstance(value, str) and not holds_something(value)):
        return "empty"
    if isinstance(value, bool):
        return str(value).lower() if _is_a_flag(name) else ""
    return _of_a_number(path, name, value, known) or _named(name, value, known) or _said(path, name, value)


def _is_a_flag(name: str) -> bool:
    return name in FLAGS | STATES | FAULTS or bool(MORE.search(name) or END.search(name))


def _of_a_number(path: Path, name: str, value: Any, known: Known) -> str:
    if (number := whole_number(value)) is None:
        return ""
    if number == known.number and (TOTAL.search(name) or sense_of(path[-1] if path else "") is Sense.ADDED):
        return "as many"
    if PAGE_SIZE.search(name):
        return "page size"
    return "page" if name in THIS_PAGE or PAGES.search(name) else ""


def _named(name: str, value: Any, known: Known) -> str:
    """Return what a value is that the request or the understanding of the answer has too."""
    text = str(value)
    if is_id(value) and text in known.ids and name not in _WORDED:
        return "contact id"
    digits = digits_of(text)
    if digits and (digits == known.digits or (is_of_a_phone(name) and len(digits) >= TEN_DIGITS)):
        return "phone"
    if text and text == known.campaign_id:
        return "campaign id"
    if text in known.seen.agents:
        return "agent id"
    if known.seen.ends and name in ENDS:
        return "end"
    return "start" if known.seen.ends and name in _STARTS else ""


def _said(path: Path, name: str, value: Any) -> str:
    """Return what a value says of what was asked."""
    says = field_says(path[-1], value) if path else None
    if name in _WORDED and says in (Says.YES, Says.NO):
        code = (whole_number(value) or 0) >= LEAST_CODE
        return ("yes" if says is Says.YES else "no") + (" as a code" if code else "")
    if MORE.search(name):
        return "next page"
    if isinstance(value, str) and (not path or _SPEAKING & set(map(folded, path))):
        return "words"
    return "of no matter" if name in STATES and says is None and isinstance(value, str) else ""
