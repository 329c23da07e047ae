"""Kalimera's API: contacts, the campaign, and the contacts of the campaign.

What is sent is built in ``words``; what is answered is read in ``verdicts``, ``additions``, ``contacts``,
``list_pages``, ``campaigns`` and ``updates``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from ordercall.config import Settings
from ordercall.contradictions import CAMPAIGN_PLACEHOLDER, CONTACT_PLACEHOLDER
from ordercall.domain.activity import ProviderCall
from ordercall.domain.calls.calling import CallWindow
from ordercall.domain.contact_ids import shown
from ordercall.domain.shapes import Look
from ordercall.errors import AlreadyThere, NotBelieved, NotShown, OutcomeUnknown, ProviderBusy, ProviderRefused
from ordercall.providers import outgoing
from ordercall.providers.connections import LARGEST_LIST, Answer
from ordercall.providers.http import Permission, ProviderHttp, Request, Response, Witness, always
from ordercall.providers.kalimera.additions import Addition, read_addition
from ordercall.providers.kalimera.answer_shapes import shape_of_answer
from ordercall.providers.kalimera.campaigns import NOTHING_SEEN, CampaignSeen, read_campaign, read_update
from ordercall.providers.kalimera.cards import SeenCard, card_of_phone
from ordercall.providers.kalimera.contacts import id_made_for, is_about_an_email, shows_contacts
from ordercall.providers.kalimera.list_pages import ListPage, ListReading, read_page
from ordercall.providers.kalimera.refusals import status_within
from ordercall.providers.kalimera.statements import Asked
from ordercall.providers.kalimera.updates import says_it_was_not_set
from ordercall.providers.kalimera.verdicts import (
    is_a_web_page,
    refuses_the_token,
    says_it_exists,
    says_it_is_not_there,
    says_no,
)
from ordercall.providers.kalimera.words import ContactCard, campaign_json, contact_json, listing_json
from ordercall.providers.lockout import UNWATCHED, Watch
from ordercall.providers.masking import one_line

NOBODYS_PHONE = "+910000000000"
"""No number of India begins with a zero, so no contact is found by it."""

NO_CALL = "no call"
"""No id of a call holds a space, so no contact is one's own by it."""

LONGEST_LOOKED_AT = 100_000
"""Characters of an answer that is kept until there is time to look at its shape: a list of hundreds of customers."""

HIDDEN_FOR = 3_600.0
"""Seconds after which it is asked again whether Kalimera shows a campaign, or its list: it may have learnt to."""

UNCLEAR_FOR = 60.0
"""The same after a look that broke off: an order waits for a slow look once a minute at most."""

MOST_PAGES = 200
"""Of a campaign's list that are read on: 2,000 customers at ten a page, more than a shop rings in a window."""


@dataclass(frozen=True, slots=True)
class Created:
    """A contact that Kalimera says it has made; ``contact_id`` is None where it does not say which."""

    contact_id: str | None
    call: ProviderCall


@dataclass(frozen=True, slots=True)
class Listed:
    """Who stands on a campaign's list.

    Attributes:
        ids: as :func:`ordercall.domain.contact_ids.shown` writes them.
        whole: whether nobody else does; what is left of a list that could not be read on may hold anybody.
        repeats: whether it only seems whole because its page came twice; see :class:`ListReading`.
    """

    ids: frozenset[str]
    whole: bool
    repeats: bool = False

    def has(self, contact_id: str) -> bool:
        return shown(contact_id) in self.ids


class KalimeraClient:
    """Speaks to Kalimera. Every method may raise the three provider errors of :mod:`ordercall.errors`.

    The coroutines run in the loop of ``outgoing``, many at once; the other methods are for threads. What is about a
    campaign does not wait behind contacts for what the rate allows: who has a contact is to be rung.

    Args:
        may_send, watch, witness: see :class:`ProviderHttp`.
        shapes: is told of each answer what it was to, with its status, and how to look at its shape; it takes no time.
    """

    def __init__(
        self,
        settings: Settings,
        may_send: Permission = always,
        watch: Watch = UNWATCHED,
        witness: Witness = lambda _call: None,
        shapes: Callable[[tuple[str, int], Look], None] | None = None,
    ) -> None:
        self._settings = settings
        self._shapes = shapes
        self._contract = settings.kalimera_contract
        self._http = ProviderHttp(
            "Kalimera",
            "KALIMERA_AUTH_TOKEN",
            timeout=settings.kalimera_timeout_seconds,
            credentials={"Authorization": settings.kalimera_auth_token},
            per_second=settings.kalimera_requests_per_second,
            may_send=may_send,
            denied=refuses_the_token,
            status_within=status_within,
            watch=watch,
            personal=self._contract.personal,
            heard=self._contract.heard,
            witness=witness,
            listener=self._tell_shape,
        )
        self._hidden_until: dict[str, float] = {}
        self._shows_list: dict[str, tuple[bool, float]] = {}

    @property
    def breaker(self) -> ProviderHttp:
        """Whether Kalimera answers and takes our token, as far as its last answers show."""
        return self._http

    def check_circuit(self) -> None:
        """Raise ProviderBusy while nothing would be sent: Kalimera did not answer lately, or refuses our token."""
        self._http.check_circuit()

    async def create_contact(self, card: ContactCard) -> Created:
        """Make a contact.

        Raises:
            AlreadyThere: Kalimera has such a contact; with its id where the refusal shows that of this phone.
            OutcomeUnknown: also when something else than the API answers.
        """
        payload, url = contact_json(card, self._contract), self._settings.kalimera_contact_url
        request = Request("create the contact", "POST", url, json=payload)
        try:
            response = await self._send(request)
        except ProviderRefused as refusal:
            if not says_it_exists(refusal.body):
                raise
            known = None if is_about_an_email(refusal.body) else self._id_in(refusal.body, card)
            raise AlreadyThere(
                "Kalimera", request.operation, refusal.reason, existing_id=known, call=refusal.call
            ) from refusal
        if isinstance(response.body, str) and response.body:
            raise OutcomeUnknown("Kalimera", request.operation, "its answer is no JSON", call=response.call)
        return Created(self._id_in(response.body, card), response.call)

    @property
    def rewrites_cards(self) -> bool:
        """Whether a contact's card can be written anew."""
        return bool(self._settings.kalimera_contact_update_url)

    async def rewrite_contact(self, contact_id: str, card: ContactCard) -> None:
        """Bring a contact's card up to date. Sending it twice changes nothing."""
        address = self._settings.kalimera_contact_update_url.replace(CONTACT_PLACEHOLDER, quote(contact_id, safe=""))
        await self._send(Request("update the contact", "PUT", address, json=contact_json(card, self._contract)))

    async def find_contact(self, phone: str) -> str | None:
        """Return the id of a contact with this phone, as :meth:`find_card` does."""
        found = await self.find_card(phone)
        return found.contact_id if found else None

    async def find_card(self, phone: str, call_id: str = NO_CALL, *, beside: Collection[str] = ()) -> SeenCard | None:
        """Return the contact with this phone, or None if Kalimera has none beside those; of several that of the call.

        Raises:
            NotShown: Kalimera does not show it.
        """
        try:
            response = await self._look(self._look_up("look up the contact", phone))
        except NotShown as refusal:
            if says_it_is_not_there(refusal.body):
                return None
            raise
        named = self._contract.renamed.get(("metadata", "call_id")) or "call_id"
        found = card_of_phone(response.body, phone, call_id, named=named, beside=beside)
        page = read_page(response.body, response.headers)
        if found is None and (not shows_contacts(response.body) or (page and page.goes_on)):
            raise _not_shown(response, "look up the contact")
        return found

    def accepts_token(self) -> bool:
        """Return whether Kalimera shows that it takes our token; nothing is created. False: unknown.

        Raises:
            CredentialsRefused: it does not take the token.
        """
        try:
            outgoing.run(self._look(self._look_up("check the token", NOBODYS_PHONE)))
        except NotShown:
            return False
        return True

    def update_campaign(self, campaign_id: str, agent_id: str, window: CallWindow) -> ProviderCall:
        """Set the campaign's agent and call window. Sending it twice changes nothing.

        An answer that shows another agent or end may be of the campaign as it was before: then it is sent once more.

        Raises:
            NotBelieved: the second answer shows another still.
            OutcomeUnknown: also when the second request was not taken, and the first may have been.
        """
        payload = campaign_json(agent_id, self._settings.kalimera_sip_list_id, window, self._contract)
        url = campaign_url(self._settings, campaign_id)
        request = Request("update the campaign", "PUT", url, json=payload, urgent=True)
        response = self._set(request, campaign_id)
        if not read_update(response.body, campaign_id).is_other_than(agent_id, window.end):
            return response.call
        reason = f"its answer shows another agent or window than was sent. See to the campaign {campaign_id} there"
        try:
            response = self._set(request, campaign_id)
        except (ProviderBusy, ProviderRefused) as error:
            raise OutcomeUnknown(
                "Kalimera", request.operation, reason, retry_after=error.retry_after, call=response.call
            ) from error
        if read_update(response.body, campaign_id).is_other_than(agent_id, window.end):
            raise NotBelieved("Kalimera", request.operation, reason, call=response.call)
        return response.call

    def _set(self, request: Request, campaign_id: str) -> Response:
        response = outgoing.run(self._send(request))
        if says_it_was_not_set(response.body, campaign_id):
            raise _refusal(ProviderRefused, response, request.operation)
        return response

    def see_campaign(self, campaign_id: str) -> CampaignSeen:
        """Return what Kalimera shows of a campaign, which may be nothing; then it is not asked again for a while.

        A look that gets no clear answer shows nothing either: it is no reason to call nobody.
        """
        if time.monotonic() < self._hidden_until.get(campaign_id, 0.0):
            return NOTHING_SEEN
        url = campaign_url(self._settings, campaign_id)
        try:
            response = outgoing.run(self._look(Request("look at the campaign", "GET", url, urgent=True)))
        except (NotShown, OutcomeUnknown) as error:
            hidden_for = HIDDEN_FOR if isinstance(error, NotShown) else UNCLEAR_FOR
            self._hidden_until[campaign_id] = time.monotonic() + hidden_for
            return NOTHING_SEEN
        return read_campaign(response.body, campaign_id)

    def add_contacts(self, campaign_id: str, contacts: Mapping[str, str | None]) -> tuple[Addition, ProviderCall]:
        """Put contacts on the campaign's list; from here on they are rung. Return what became of them.

        Args:
            contacts: the phone of each by its id, or None; an answer may name them by either.
        """
        payload = listing_json(campaign_id, contacts, self._contract)
        url = self._settings.kalimera_campaign_contacts_url
        request, asked = Request("add to the campaign", "POST", url, json=payload, urgent=True), Asked(contacts)
        try:
            response = self._http.send(request)
        except ProviderRefused as refusal:
            if refusal.call is None or refusal.call.status is None:
                raise
            addition = read_addition(refusal.body, asked, status=refusal.call.status)
            if addition.is_a_no:
                refusal.because_of = addition.refused
                raise
            return addition, refusal.call
        if is_a_web_page(response.body):
            raise OutcomeUnknown("Kalimera", request.operation, one_line(response.call.response), call=response.call)
        addition = read_addition(response.body, asked)
        if addition.is_a_no:
            raise _refusal(ProviderRefused, response, request.operation)
        return addition, response.call

    def listed_contacts(self, campaign_id: str, sought: Collection[str] = ()) -> Listed | None:
        """Return who is on the campaign, or None if Kalimera does not show it.

        Args:
            sought: contacts that are looked for; where all of them have been seen the rest is not.
        """
        request = self._list_of(campaign_id)
        reading = ListReading(frozenset(map(shown, sought)))
        for _ in range(MOST_PAGES):
            page, named = self._page(request)
            if page is None:
                reading.next_is_not_shown()
                break
            if not reading.goes_on_after(page, named):
                break
            request = _next(request, reading.next_url, reading.next_number)
        return Listed(reading.ids, reading.whole, reading.repeats) if reading.pages else None

    def shows_list(self, campaign_id: str) -> bool:
        """Return whether a campaign's list can be looked at, as far as is known; asked for once in a while.

        A look that gets no clear answer shows nothing, but is asked for again.
        """
        known, until = self._shows_list.get(campaign_id, (False, 0.0))
        if time.monotonic() < until:
            return known
        try:
            page, _ = self._page(self._list_of(campaign_id))
        except (OutcomeUnknown, ProviderBusy):
            return False
        self._shows_list[campaign_id] = page is not None, time.monotonic() + HIDDEN_FOR
        return page is not None

    def _list_of(self, campaign_id: str) -> Request:
        url, operation = self._settings.kalimera_campaign_contacts_url, "look at the campaign's list"
        asked = self._contract.sent("look_up", {"campaign_id": campaign_id})
        return Request(operation, "GET", url, params=asked, largest_answer=LARGEST_LIST, urgent=True)

    def _page(self, request: Request) -> tuple[ListPage | None, str | None]:
        """Return a page of the campaign's list, None where it is not shown, and where the next one is said to be."""
        try:
            response = outgoing.run(self._look(request))
        except NotShown:
            return None, None
        return read_page(response.body, response.headers), response.next_page

    def close(self) -> None:
        self._http.close()

    def _tell_shape(self, request: Request, answer: Answer, body: Any) -> None:
        if self._shapes and len(answer.text) <= LONGEST_LOOKED_AT:
            kind = answer.headers.get("Content-Type", "")
            look = partial(shape_of_answer, request, answer.status, kind, body, self._contract)
            self._shapes((request.operation, answer.status), look)

    def _look_up(self, operation: str, phone: str) -> Request:
        asked = self._contract.sent("look_up", {"phone": phone})
        return Request(operation, "GET", self._settings.kalimera_contact_url, params=asked)

    def _id_in(self, body: Any, card: ContactCard) -> str | None:
        return id_made_for(body, card.phone, self._contract.id_path)

    async def _look(self, request: Request) -> Response:
        """Ask to be shown something.

        Raises:
            NotShown: Kalimera does not show it; its ``body`` is what it says instead.
        """
        try:
            response = await self._http.exchange(request)
        except ProviderRefused as refusal:
            hidden = NotShown("Kalimera", request.operation, refusal.reason, call=refusal.call)
            hidden.body = refusal.body
            raise hidden from refusal
        if is_a_web_page(response.body) or says_no(response.body):
            raise _not_shown(response, request.operation)
        return response

    async def _send(self, request: Request) -> Response:
        """Send a request; a yes that holds a no is a refusal, and a web page is no answer."""
        response = await self._http.exchange(request)
        if is_a_web_page(response.body):
            raise OutcomeUnknown("Kalimera", request.operation, one_line(response.call.response), call=response.call)
        if says_no(response.body):
            raise _refusal(ProviderRefused, response, request.operation)
        return response


def _refusal[R: ProviderRefused](kind: type[R], response: Response, operation: str) -> R:
    refusal = kind("Kalimera", operation, one_line(response.call.response), call=response.call)
    refusal.body = response.body
    return refusal


def _not_shown(response: Response, operation: str) -> NotShown:
    return _refusal(NotShown, response, operation)


def _next(request: Request, named: str | None, number: int) -> Request:
    """Return the request for the page after this one: where the answer says it is, else by its number."""
    url = urljoin(request.url, named or "")
    if url != request.url and urlsplit(url)[:2] == urlsplit(request.url)[:2]:
        return replace(request, url=url, params=None)
    return replace(request, params={**(request.params or {}), "page": str(number)})


def campaign_url(settings: Settings, campaign_id: str) -> str:
    """Return the address of one campaign. The setting may hold ``<campaign id>`` or end with the main id."""
    url = settings.kalimera_campaign_url
    if CAMPAIGN_PLACEHOLDER in url:
        return url.replace(CAMPAIGN_PLACEHOLDER, campaign_id)
    main = settings.kalimera_campaign_id
    return url.removesuffix(main) + campaign_id if main and url.endswith(main) else url
