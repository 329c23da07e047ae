"""Kalimera's words: every payload is built here, and every answer is read here.

The API is not publicly documented, so what is sent is our working contract, which changes in this file alone; and
answers are read tolerantly: an id may stand as ``id``, ``contact_id``, ``contactId``, ``_id`` or ``uuid``, at the top
or under ``data``, ``contact`` or ``result``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ordercall.domain.calling import INDIA, CallWindow

ID_KEYS = ("contact_id", "contactId", "id", "_id", "uuid")
WRAPPERS = ("data", "contact", "result")
LIST_KEYS = (*WRAPPERS, "contacts", "results", "items")
SPEAKING_KEYS = ("message", "error", "errors", "detail", "code")
MORE_KEYS = ("next", "next_page", "nextPage", "has_more")
SAYS_IT_EXISTS = re.compile(r"exist|already|duplicate", re.IGNORECASE)
SAYS_IT_DOES_NOT = re.compile(r"not exist|n't exist|does not|unknown", re.IGNORECASE)


# -- what is sent


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCard:
    """What Kalimera is told about a customer and the order the agent talks about."""

    shopify_id: int
    phone: str
    first_name: str | None
    last_name: str | None
    email: str | None
    address: str | None
    city: str | None
    state: str | None
    order_name: str | None
    product_title: str | None
    total_price: float | None
    currency: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the payload of ``POST contact``."""
        name = " ".join(part for part in (self.first_name, self.last_name) if part) or "Customer"
        return {
            "name": name,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "phone": self.phone,
            "email": self.email,
            "address": self.address,
            "city": self.city,
            "state": self.state,
            "metadata": {
                "shopify_id": self.shopify_id,
                "order_name": self.order_name,
                "product_title": self.product_title,
                "total_price": self.total_price if math.isfinite(self.total_price or 0.0) else None,
                "currency": self.currency,
            },
        }


def campaign_json(agent_id: str, sip_list_id: str, window: CallWindow) -> dict[str, Any]:
    """Return the payload of ``PUT campaign``; times like ``2026-11-23T18:05:00+05:30``."""
    return {
        "agent_id": agent_id,
        "sip_list_id": sip_list_id,
        "start_time": window.start.isoformat(timespec="seconds"),
        "end_time": window.end.isoformat(timespec="seconds"),
        "timezone": INDIA.key,
    }


def listing_json(campaign_id: str, contact_ids: Iterable[str]) -> dict[str, Any]:
    """Return the payload of ``POST campaign/contacts``."""
    return {"campaign_ids": [campaign_id], "contact_ids": list(contact_ids)}


# -- what is answered


def says_no(body: Any) -> bool:
    """Return whether an answer of the 200 series holds a no."""
    return isinstance(body, dict) and body.get("success") is False


def is_a_web_page(body: Any) -> bool:
    """Return whether something else answered than the API."""
    return isinstance(body, str) and body.lstrip().startswith("<")


def says_it_exists(body: Any) -> bool:
    """Return whether a refusal means "you have this one already" rather than "I cannot read this"."""
    text = " ".join(_own_texts(body))
    return bool(SAYS_IT_EXISTS.search(text)) and not SAYS_IT_DOES_NOT.search(text)


def read_id(body: Any) -> str | None:
    """Return the contact's id from an answer, wherever it stands."""
    if not isinstance(body, dict):
        return None
    inner = next((found for key in WRAPPERS if (found := read_id(body.get(key)))), None)
    return inner or next((str(body[key]) for key in ID_KEYS if _is_id(body.get(key))), None)


def id_of_phone(body: Any, phone: str) -> str | None:
    """Return the id of the entry that has this phone.

    A list may be of all contacts if Kalimera ignores what was asked, so an entry counts only with the phone in
    it: the wrong contact would be a call to a stranger.
    """
    for entry in _entries(body):
        if _digits(entry.get("phone")) == _digits(phone):
            return read_id(entry)
    return None


def listed_ids(body: Any) -> set[str] | None:
    """Return the contacts of a list, or None for what is no list or only a part of one.

    It may be of ids or of contacts, or either below one of the usual keys. Who is missing in a part may stand in the
    next one.
    """
    if isinstance(body, dict) and any(body.get(key) for key in MORE_KEYS):
        return None
    return _ids_in(body)


def _own_texts(body: Any) -> Iterator[str]:
    """Yield the texts in which a refusal speaks for itself; what else it holds may be our own words, quoted."""
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict):
        for key in SPEAKING_KEYS:
            yield from _all_texts(body.get(key))


def _all_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _all_texts(item)


def _is_id(value: Any) -> bool:
    return (isinstance(value, str) and bool(value.strip())) or (isinstance(value, int) and not isinstance(value, bool))


def _entries(body: Any) -> Iterator[dict[str, Any]]:
    if isinstance(body, list):
        yield from (entry for entry in body if isinstance(entry, dict))
    elif isinstance(body, dict):
        yield body
        for key in LIST_KEYS:
            yield from _entries(body.get(key))


def _digits(phone: Any) -> str:
    return re.sub(r"\D", "", str(phone or ""))


def _ids_in(body: Any) -> set[str] | None:
    if isinstance(body, list):
        ids = [entry if _is_id(entry) else read_id(entry) for entry in body]
        return None if None in ids else {str(entry) for entry in ids}
    if isinstance(body, dict):
        for key in ("contact_ids", *LIST_KEYS):
            if isinstance(body.get(key), (list, dict)):
                return _ids_in(body[key])
    return None
