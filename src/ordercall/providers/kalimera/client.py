"""Kalimera's API: contacts, the campaign, and the contacts of the campaign.

The API is not publicly documented. So every payload is built here and nowhere else, and answers are read
tolerantly: an id may stand as ``id``, ``contact_id``, ``contactId``, ``_id`` or ``uuid``, at the top or under
``data``, ``contact`` or ``result``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ordercall.config import Settings
from ordercall.domain.activity import ProviderCall
from ordercall.domain.calling import CallWindow
from ordercall.errors import AlreadyThere, CredentialsRefused, OutcomeUnknown, ProviderRefused
from ordercall.providers.http import Permission, ProviderHttp, Request, Response, always
from ordercall.providers.masking import words

ID_KEYS = ("contact_id", "contactId", "id", "_id", "uuid")
WRAPPERS = ("data", "contact", "result")
LIST_KEYS = (*WRAPPERS, "contacts", "results", "items")
SPEAKING_KEYS = ("message", "error", "errors", "detail", "code")
NOBODYS_PHONE = "+910000000000"
SAYS_IT_EXISTS = re.compile(r"exist|already|duplicate", re.IGNORECASE)
SAYS_IT_DOES_NOT = re.compile(r"not exist|n't exist|does not|unknown", re.IGNORECASE)


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


@dataclass(frozen=True, slots=True)
class Created:
    """A contact that Kalimera has just made."""

    contact_id: str
    call: ProviderCall


class KalimeraClient:
    """Speaks to Kalimera. Every method may raise the three provider errors of :mod:`ordercall.errors`.

    Args:
        may_send: see :class:`ProviderHttp`.
    """

    def __init__(self, settings: Settings, may_send: Permission = always) -> None:
        self._settings = settings
        self._http = ProviderHttp(
            "Kalimera",
            timeout=settings.kalimera_timeout_seconds,
            credentials={"Authorization": settings.kalimera_auth_token},
            per_second=settings.kalimera_requests_per_second,
            may_send=may_send,
        )

    def check_circuit(self) -> None:
        """Raise ProviderBusy while the circuit breaker is open, because Kalimera did not answer lately."""
        self._http.check_circuit()

    def create_contact(self, card: ContactCard) -> Created:
        """Make a contact.

        Raises:
            AlreadyThere: Kalimera has a contact with this phone; with its id where the refusal shows it.
            OutcomeUnknown: also when the answer holds no id.
        """
        request = Request("create the contact", "POST", self._settings.kalimera_contact_url, json=card.to_json())
        try:
            response = self._said_yes(request)
        except CredentialsRefused:
            raise
        except ProviderRefused as refusal:
            if says_it_exists(refusal.body):
                raise AlreadyThere(
                    "Kalimera", request.operation, refusal.reason, existing_id=read_id(refusal.body), call=refusal.call
                ) from refusal
            raise
        contact_id = read_id(response.body)
        if contact_id is None:
            raise OutcomeUnknown("Kalimera", request.operation, "its answer holds no contact id", call=response.call)
        return Created(contact_id, response.call)

    def find_contact(self, phone: str) -> str | None:
        """Return the id of the contact with this phone, or None if Kalimera shows none."""
        url = self._settings.kalimera_contact_url
        request = Request("look up the contact", "GET", url, params={"phone": phone})
        try:
            response = self._http.send(request)
        except CredentialsRefused:
            raise
        except ProviderRefused:
            return None
        return _id_of_phone(response.body, phone)

    def accepts_token(self) -> bool:
        """Return whether Kalimera shows that it takes our token; nothing is created. False: it does not tell.

        Raises:
            CredentialsRefused: it does not take the token.
        """
        url = self._settings.kalimera_contact_url
        request = Request("check the token", "GET", url, params={"phone": NOBODYS_PHONE})
        try:
            self._http.send(request)
        except CredentialsRefused:
            raise
        except ProviderRefused:
            return False
        return True

    def update_campaign(self, campaign_id: str, agent_id: str, window: CallWindow) -> ProviderCall:
        """Set the campaign's agent and call window. Sending it twice changes nothing."""
        payload = {
            "agent_id": agent_id,
            "sip_list_id": self._settings.kalimera_sip_list_id,
            "start_time": window.start.isoformat(timespec="seconds"),
            "end_time": window.end.isoformat(timespec="seconds"),
            "timezone": "Asia/Kolkata",
        }
        url = self._settings.campaign_url_for(campaign_id)
        return self._done(Request("update the campaign", "PUT", url, json=payload))

    def add_contacts(self, campaign_id: str, contact_ids: Iterable[str]) -> ProviderCall:
        """Put contacts on the campaign's list; from here on they are rung."""
        payload = {"campaign_ids": [campaign_id], "contact_ids": list(contact_ids)}
        url = self._settings.kalimera_campaign_contacts_url
        return self._done(Request("add to the campaign", "POST", url, json=payload))

    def listed_contacts(self, campaign_id: str) -> set[str] | None:
        """Return the ids of the contacts on the campaign, or None if Kalimera does not show them."""
        url = self._settings.kalimera_campaign_contacts_url
        request = Request("look at the campaign", "GET", url, params={"campaign_id": campaign_id})
        try:
            response = self._http.send(request)
        except CredentialsRefused:
            raise
        except ProviderRefused:
            return None
        return None if _is_part(response.body) else _listed_ids(response.body)

    def _done(self, request: Request) -> ProviderCall:
        """Send a request that has no answer but yes; a web page is none."""
        response = self._said_yes(request)
        if isinstance(response.body, str) and response.body.lstrip().startswith("<"):
            raise OutcomeUnknown("Kalimera", request.operation, words(response.call.response), call=response.call)
        return response.call

    def _said_yes(self, request: Request) -> Response:
        """Send a request; a yes that holds a no is one."""
        response = self._http.send(request)
        if isinstance(response.body, dict) and response.body.get("success") is False:
            refusal = ProviderRefused("Kalimera", request.operation, words(response.call.response), call=response.call)
            refusal.body = response.body
            raise refusal
        return response

    def close(self) -> None:
        self._http.close()


def says_it_exists(body: Any) -> bool:
    """Return whether a refusal means "you have this one already" rather than "I cannot read this"."""
    text = " ".join(_said(body))
    return bool(SAYS_IT_EXISTS.search(text)) and not SAYS_IT_DOES_NOT.search(text)


def _said(body: Any) -> Iterator[str]:
    """Return the texts in which a refusal speaks for itself; what else it holds may be our own words, quoted."""
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


def read_id(body: Any) -> str | None:
    """Return the contact's id from an answer, wherever it stands."""
    if not isinstance(body, dict):
        return None
    inner = next((found for key in WRAPPERS if (found := read_id(body.get(key)))), None)
    return inner or next((str(body[key]) for key in ID_KEYS if _is_id(body.get(key))), None)


def _is_id(value: Any) -> bool:
    return (isinstance(value, str) and bool(value.strip())) or (isinstance(value, int) and not isinstance(value, bool))


def _id_of_phone(body: Any, phone: str) -> str | None:
    """Return the id of the entry that has this phone.

    A list may be of all contacts if Kalimera ignores what was asked, so an entry counts only with the phone in
    it: the wrong contact would be a call to a stranger.
    """
    for entry in _entries(body):
        if _digits(entry.get("phone")) == _digits(phone):
            return read_id(entry)
    return None


def _entries(body: Any) -> Iterator[dict[str, Any]]:
    if isinstance(body, list):
        yield from (entry for entry in body if isinstance(entry, dict))
    elif isinstance(body, dict):
        yield body
        for key in LIST_KEYS:
            yield from _entries(body.get(key))


def _digits(phone: Any) -> str:
    return re.sub(r"\D", "", str(phone or ""))


def _is_part(body: Any) -> bool:
    """Return whether a list says of itself that it goes on elsewhere: who is missing here may stand there."""
    return isinstance(body, dict) and any(body.get(key) for key in ("next", "next_page", "nextPage", "has_more"))


def _listed_ids(body: Any) -> set[str] | None:
    """Read a list of ids, or of contacts, or either below one of the usual keys."""
    if isinstance(body, list):
        ids = [entry if _is_id(entry) else read_id(entry) for entry in body]
        return None if None in ids else {str(entry) for entry in ids}
    if isinstance(body, dict):
        for key in ("contact_ids", *LIST_KEYS):
            if isinstance(body.get(key), (list, dict)):
                return _listed_ids(body[key])
    return None
