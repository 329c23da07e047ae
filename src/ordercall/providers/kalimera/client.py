"""Kalimera's API: contacts, the campaign, and the contacts of the campaign. What is said and read is in ``words``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ordercall.config import Settings
from ordercall.domain.activity import ProviderCall
from ordercall.domain.calling import CallWindow
from ordercall.errors import AlreadyThere, CredentialsRefused, OutcomeUnknown, ProviderRefused
from ordercall.providers import outgoing
from ordercall.providers.circuit_breaker import CircuitBreaker
from ordercall.providers.connections import LARGEST_LIST
from ordercall.providers.http import Permission, ProviderHttp, Request, Response, always
from ordercall.providers.kalimera.words import (
    ContactCard,
    campaign_json,
    id_of_phone,
    is_a_web_page,
    listed_ids,
    listing_json,
    read_id,
    says_it_exists,
    says_no,
)
from ordercall.providers.masking import one_line

NOBODYS_PHONE = "+910000000000"
"""No number of India begins with a zero, so no contact is found by it."""


@dataclass(frozen=True, slots=True)
class Created:
    """A contact that Kalimera has just made."""

    contact_id: str
    call: ProviderCall


class KalimeraClient:
    """Speaks to Kalimera. Every method may raise the three provider errors of :mod:`ordercall.errors`.

    The coroutines run in the loop of ``outgoing``, many at once; the other methods are for threads. What is about a
    campaign does not wait behind contacts for what the rate allows: who has a contact is to be rung.

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

    @property
    def breaker(self) -> CircuitBreaker:
        """Whether Kalimera answers, as far as its last answers tell."""
        return self._http.breaker

    def check_circuit(self) -> None:
        """Raise ProviderBusy while the circuit breaker is open, because Kalimera did not answer lately."""
        self._http.check_circuit()

    async def create_contact(self, card: ContactCard) -> Created:
        """Make a contact.

        Raises:
            AlreadyThere: Kalimera has a contact with this phone; with its id where the refusal shows it.
            OutcomeUnknown: also when the answer holds no id.
        """
        request = Request("create the contact", "POST", self._settings.kalimera_contact_url, json=card.to_json())
        try:
            response = await self._send(request)
        except ProviderRefused as refusal:
            if isinstance(refusal, CredentialsRefused) or not says_it_exists(refusal.body):
                raise
            known = read_id(refusal.body)
            raise AlreadyThere(
                "Kalimera", request.operation, refusal.reason, existing_id=known, call=refusal.call
            ) from refusal
        contact_id = read_id(response.body)
        if contact_id is None:
            raise OutcomeUnknown("Kalimera", request.operation, "its answer holds no contact id", call=response.call)
        return Created(contact_id, response.call)

    async def find_contact(self, phone: str) -> str | None:
        """Return the id of the contact with this phone, or None if Kalimera shows none."""
        url = self._settings.kalimera_contact_url
        shown = await self._look(Request("look up the contact", "GET", url, params={"phone": phone}))
        return id_of_phone(shown.body, phone) if shown else None

    def accepts_token(self) -> bool:
        """Return whether Kalimera shows that it takes our token; nothing is created. False: it does not tell.

        Raises:
            CredentialsRefused: it does not take the token.
        """
        url = self._settings.kalimera_contact_url
        look = self._look(Request("check the token", "GET", url, params={"phone": NOBODYS_PHONE}))
        return outgoing.run(look) is not None

    def update_campaign(self, campaign_id: str, agent_id: str, window: CallWindow) -> ProviderCall:
        """Set the campaign's agent and call window. Sending it twice changes nothing."""
        payload = campaign_json(agent_id, self._settings.kalimera_sip_list_id, window)
        url = self._settings.campaign_url_for(campaign_id)
        return outgoing.run(self._done(Request("update the campaign", "PUT", url, json=payload, urgent=True)))

    def add_contacts(self, campaign_id: str, contact_ids: Iterable[str]) -> ProviderCall:
        """Put contacts on the campaign's list; from here on they are rung."""
        payload, url = listing_json(campaign_id, contact_ids), self._settings.kalimera_campaign_contacts_url
        return outgoing.run(self._done(Request("add to the campaign", "POST", url, json=payload, urgent=True)))

    def listed_contacts(self, campaign_id: str) -> set[str] | None:
        """Return the ids of the contacts on the campaign, or None if Kalimera does not show them."""
        url, asked = self._settings.kalimera_campaign_contacts_url, {"campaign_id": campaign_id}
        look = Request("look at the campaign", "GET", url, params=asked, largest_answer=LARGEST_LIST, urgent=True)
        shown = outgoing.run(self._look(look))
        return listed_ids(shown.body) if shown else None

    def close(self) -> None:
        self._http.close()

    async def _look(self, request: Request) -> Response | None:
        """Ask to be shown something; None where Kalimera does not show it."""
        try:
            return await self._http.exchange(request)
        except CredentialsRefused:
            raise
        except ProviderRefused:
            return None

    async def _done(self, request: Request) -> ProviderCall:
        """Send a request that has no answer but yes; a web page is none."""
        response = await self._send(request)
        if is_a_web_page(response.body):
            raise OutcomeUnknown("Kalimera", request.operation, one_line(response.call.response), call=response.call)
        return response.call

    async def _send(self, request: Request) -> Response:
        """Send a request; a yes that holds a no is a refusal."""
        response = await self._http.exchange(request)
        if says_no(response.body):
            reason = one_line(response.call.response)
            refusal = ProviderRefused("Kalimera", request.operation, reason, call=response.call)
            refusal.body = response.body
            raise refusal
        return response
