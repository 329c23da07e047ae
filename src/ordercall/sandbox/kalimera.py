"""A Kalimera to try against: contacts, campaigns, and which contact is on which list under which agent."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from ordercall.sandbox.contact_ids import contact_id_of, number_in, phone_in
from ordercall.sandbox.faults import KALIMERA
from ordercall.sandbox.other_names import OtherNames
from ordercall.sandbox.provider import FakeProvider, json_object
from ordercall.sandbox.recorded_answers import RecordedAnswers, Said

E164 = re.compile(r"\+[1-9]\d{6,14}")
LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
CAMPAIGN_FIELDS = ("agent_id", "start_time", "end_time", "timezone")
SWITCHES = (
    *("duplicate_shows_id", "campaign_lookup", "lookup_shows_card"),
    *("update_reaches_listed", "rings_at_next_opening", "rings_listed_again", "redials", "several_contacts"),
)
"""What is not known of Kalimera, and is either so or not."""

OPERATIONS = {
    "_create_contact": "create the contact",
    "_update_contact": "update the contact",
    "_find_contact": "look up the contact",
    "_update_campaign": "update the campaign",
    "_show_campaign": "look at the campaign",
    "_add_contacts": "add to the campaign",
    "_listed_contacts": "look at the campaign's list",
}
"""What the product calls each request where it records the shape of its answer."""


@dataclass(slots=True)
class Campaign:
    """A campaign as the last update left it. Times are aware; None before the first update."""

    campaign_id: str
    agent_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    updates: int = 0
    contact_ids: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Listing:
    """One contact put on a campaign's list, with the agent and window at that moment.

    ``repeated``: the contact was on this campaign's list before, so a person is called twice.
    """

    contact_id: str
    phone: str
    campaign_id: str
    agent_id: str | None
    start: datetime | None
    end: datetime | None
    at: float
    repeated: bool


class FakeKalimera(FakeProvider):
    """Kalimera's four requests, and three look-ups.

    Attributes:
        duplicate_shows_id: whether the refusal of an existing contact names its id.
        campaign_lookup: whether the campaign and its list are shown; otherwise both answer 404.
        lookup_shows_card: whether a contact is shown with the metadata that it was made with.
        update_reaches_listed: whether an update of the campaign holds for those who are on its list and not yet rung.
        rings_at_next_opening: whether those who were not rung in a window are rung in the next one.
        rings_listed_again: whether adding somebody who is on the list rings again; otherwise it is refused.
        redials: whether it rings again by itself where nobody was reached.
        several_contacts: whether a phone may have several contacts; otherwise another is refused as existing.
        names: what it calls what it is sent and answers.
        recorded: the shapes of the real one's answers, in which it answers what they are to.
        recalls_contacts: whether a contact id from an earlier start is still known. An id contains its phone, so
            a sandbox that was restarted beside an older database can continue.
        contacts: the created contacts by phone, of several the newest: the payload with ``contact_id`` added.
        campaigns: the campaigns by id; updates for any other id are refused.
        on_listed, on_updated: called with each :class:`Listing`, and :class:`Campaign` that was updated.
    """

    name = "kalimera"
    faults = KALIMERA

    def __init__(
        self,
        *,
        token: str = "Bearer sandbox-token",  # noqa: S107 - opens nothing but this fake
        campaign_ids: Iterable[str] = ("sandbox-campaign",),
        agent_en: str = "sandbox-agent-english",
        agent_hi: str = "sandbox-agent-hindi",
        keep_calls: int | None = None,
    ) -> None:
        super().__init__(keep_calls=keep_calls)
        self.token = token
        self.agents = {agent_en: "English", agent_hi: "Hindi"}
        self.duplicate_shows_id = True
        self.campaign_lookup = True
        self.lookup_shows_card = True
        self.update_reaches_listed = True
        self.rings_at_next_opening = False
        self.rings_listed_again = True
        self.redials = False
        self.several_contacts = False
        self.recalls_contacts = False
        self.names = OtherNames()
        self.recorded = RecordedAnswers()
        self.contacts: dict[str, dict[str, Any]] = {}
        self.campaigns = {campaign_id: Campaign(campaign_id) for campaign_id in campaign_ids}
        self.on_listed: list[Callable[[Listing], None]] = []
        self.on_updated: list[Callable[[Campaign], None]] = []
        self._cards: dict[str, dict[str, Any]] = {}
        self._listings: list[Listing] = []

    @property
    def campaign(self) -> Campaign:
        """The first campaign."""
        return next(iter(self.campaigns.values()))

    @property
    def listings(self) -> list[Listing]:
        """A copy of all listings, oldest first."""
        with self._lock:
            return list(self._listings)

    @property
    def repeats(self) -> list[Listing]:
        """The listings of contacts that were on the campaign before."""
        return [listing for listing in self.listings if listing.repeated]

    def agent_of(self, phone: str) -> str | None:
        """Return the agent under which *phone* was listed last, or None if it is on no list."""
        return next((entry.agent_id for entry in reversed(self.listings) if entry.phone == phone), None)

    def listed_since(self, phone: str, since: float) -> Listing | None:
        """Return the first listing of *phone* at or after *since* (unix seconds), or None."""
        return next((entry for entry in self.listings if entry.phone == phone and entry.at >= since), None)

    def card(self, contact_id: str) -> dict[str, Any]:
        """Return the metadata with which a contact was made; of an earlier start's contact nothing is known."""
        with self._lock:
            return self._cards.get(contact_id, {}).get("metadata") or {}

    def forget_contact(self, phone: str) -> None:
        """Lose a contact, as if somebody had deleted it at Kalimera: adding its id is refused from now on."""
        with self._lock:
            del self.contacts[phone]

    def add_routes(self, bp: Blueprint) -> None:
        bp.add_url_rule("/contact", view_func=self._create_contact, methods=["POST"])
        bp.add_url_rule("/contact", view_func=self._find_contact, methods=["GET"])
        bp.add_url_rule("/contact/<contact_id>", view_func=self._update_contact, methods=["PUT"])
        bp.add_url_rule("/campaign/<campaign_id>", view_func=self._update_campaign, methods=["PUT"])
        bp.add_url_rule("/campaign/<campaign_id>", view_func=self._show_campaign, methods=["GET"])
        bp.add_url_rule("/campaign/contacts", view_func=self._add_contacts, methods=["POST"])
        bp.add_url_rule("/campaign/contacts", view_func=self._listed_contacts, methods=["GET"])

    def refusal(self) -> ResponseReturnValue | None:
        if request.headers.get("Authorization") == self.token:
            return None
        return self._refused("Unauthorized", 401)

    def to_json(self) -> dict[str, Any]:
        with self._lock:
            return super().to_json() | {
                **{name: getattr(self, name) for name in SWITCHES},
                "contacts": self.contacts,
                "campaigns": [_campaign_json(campaign) for campaign in self.campaigns.values()],
                "listings": [asdict(entry) | _window(entry.start, entry.end) for entry in self._listings],
                "repeats": len(self.repeats),
            }

    def _answer(
        self,
        outcome: str,
        own: dict[str, Any],
        status: int = 200,
        *,
        contacts: Iterable[dict[str, Any]] = (),
        campaign: dict[str, str | None] | None = None,
    ) -> ResponseReturnValue:
        """Return an answer of one's own, or what the real one says so in that is asked for and comes out so."""
        operation = OPERATIONS[(request.endpoint or "").rpartition(".")[2]]
        said = Said(_words(own.get("message", "")), list(contacts), campaign or {})
        return self.recorded.find(operation, outcome, status, said) or (jsonify(own), status)

    def _refused(
        self, message: str | dict[str, list[str]], status: int, contacts: Iterable[str] = (), **more: Any
    ) -> ResponseReturnValue:
        named = [{"contact_id": contact_id, "phone": phone_in(contact_id)} for contact_id in contacts]
        return self._answer("refused", {"message": message} | more, status, contacts=named)

    def _create_contact(self) -> ResponseReturnValue:
        payload = self._card()
        phone = payload.get("phone")
        if not isinstance(phone, str) or not E164.fullmatch(phone):
            return self._refused(self.names.write("contact", {"phone": ["Give a phone number in E.164 form."]}), 400)
        with self._lock:
            known = self.contacts.get(phone)
            if known is None or self.several_contacts:
                contact_id = contact_id_of(phone, number_in(known["contact_id"]) + 1 if known else 0)
                self.contacts[phone] = self._cards[contact_id] = payload | {"contact_id": contact_id}
                own = {"message": "Contact created"} | self.names.with_id(contact_id)
                return self._answer("done", own, 201, contacts=[self.contacts[phone]])
        shown = self.names.with_id(known["contact_id"]) if self.duplicate_shows_id else {}
        told = [known] if self.duplicate_shows_id else []
        return self._answer("exists", {"message": "Contact already exists"} | shown, 400, contacts=told)

    def _update_contact(self, contact_id: str) -> ResponseReturnValue:
        with self._lock:
            if (known := self._cards.get(contact_id)) is None:
                return self._refused("Contact not found", 404)
            known |= self._card()
            return self._answer("done", {"message": "Contact updated"}, contacts=[known])

    def _card(self) -> dict[str, Any]:
        payload = self.names.read("contact", json_object())
        metadata = payload.get("metadata")
        return payload | ({"metadata": self.names.read("metadata", metadata)} if isinstance(metadata, dict) else {})

    def _find_contact(self) -> ResponseReturnValue:
        phone = "+" + request.args.get(self.names.name("look_up", "phone"), "").strip().removeprefix("+")
        with self._lock:
            known = self.contacts.get(phone)
            earlier = [
                self._cards[contact_id_of(phone, number)]
                for number in range(number_in(known["contact_id"]) if known else 0)
            ]
            found = [*earlier, known] if known else []
            own = {"contacts": [*map(self._shown, found)]}
            return self._answer("found" if found else "none", own, contacts=found)

    def _shown(self, contact: dict[str, Any]) -> dict[str, Any]:
        hidden = {"contact_id"} if self.lookup_shows_card else {"contact_id", "metadata"}
        card = {name: value for name, value in contact.items() if name not in hidden}
        return self.names.write("contact", card) | {self.names.id_name: contact["contact_id"]}

    def _update_campaign(self, campaign_id: str) -> ResponseReturnValue:
        campaign, payload = self.campaigns.get(campaign_id), self.names.read("campaign", json_object())
        if campaign is None:
            return self._refused("Campaign not found", 404)
        faults = _campaign_faults(self._left_out() | payload)
        if faults:
            return self._refused(self.names.write("campaign", faults), 400)
        if payload["agent_id"] not in self.agents:
            return self._refused(self.names.write("campaign", {"agent_id": ["There is no such agent."]}), 422)
        with self._lock:
            campaign.agent_id = payload["agent_id"]
            campaign.start = datetime.fromisoformat(payload["start_time"])
            campaign.end = datetime.fromisoformat(payload["end_time"])
            campaign.updates += 1
        for listener in self.on_updated:
            listener(campaign)
        return self._answer(
            "done", {"message": "Campaign updated", "campaign_id": campaign_id}, campaign=_facts(campaign)
        )

    def _left_out(self) -> dict[str, str]:
        """Return what holds where their names leave a campaign's time zone out: its times have one of their own."""
        return {"timezone": "UTC"} if self.names.leaves_out("campaign", "timezone") else {}

    def _show_campaign(self, campaign_id: str) -> ResponseReturnValue:
        campaign = self.campaigns.get(campaign_id)
        if campaign is None or not self.campaign_lookup:
            return self._refused("Not found", 404)
        with self._lock:
            seen = self.names.write("campaign", {"agent_id": campaign.agent_id})
            own = {"campaign_id": campaign_id} | seen | _window(campaign.start, campaign.end)
            return self._answer("done", own, campaign=_facts(campaign))

    def _add_contacts(self) -> ResponseReturnValue:
        payload = self.names.read("campaign_contacts", json_object())
        campaign_ids, contact_ids = _strings(payload.get("campaign_ids")), self._own_ids(payload.get("contact_ids"))
        if not campaign_ids or not contact_ids:
            faults = {name: ["Give lists of ids."] for name in ("campaign_ids", "contact_ids")}
            return self._refused(self.names.write("campaign_contacts", faults), 400)
        if any(campaign_id not in self.campaigns for campaign_id in campaign_ids):
            return self._refused("Campaign not found", 404)
        with self._lock:
            phones = {contact_id: self._phone_of(contact_id) for contact_id in contact_ids}
            unknown = [contact_id for contact_id, phone in phones.items() if phone is None]
            if unknown:
                return self._refused(f"Unknown contact: {', '.join(unknown)}", 400, unknown, contact_ids=unknown)
            there = self._already_there(campaign_ids, contact_ids)
            if there:
                told = [{"contact_id": contact_id, "phone": phones[contact_id]} for contact_id in there]
                return self._answer("exists", {"message": f"Already there: {', '.join(there)}"}, 400, contacts=told)
            new = [
                self._list(self.campaigns[campaign_id], contact_id, phones[contact_id] or "")
                for campaign_id in campaign_ids
                for contact_id in contact_ids
            ]
        for listing in new:
            for listener in self.on_listed:
                listener(listing)
        added = [{"contact_id": listing.contact_id, "phone": listing.phone} for listing in new]
        return self._answer("done", {"message": "Contacts added", "added": len(new)}, contacts=added)

    def _own_ids(self, sent: Any) -> list[str]:
        """Return the contacts that are meant, where each is sent as its id was told."""
        return _strings([self.recorded.own(each) for each in sent] if isinstance(sent, list) else None)

    def _already_there(self, campaign_ids: list[str], contact_ids: list[str]) -> list[str]:
        """Return those whom it will not put on a list on which they are already."""
        listed = {each for campaign_id in campaign_ids for each in self.campaigns[campaign_id].contact_ids}
        return [] if self.rings_listed_again else [each for each in contact_ids if each in listed]

    def _list(self, campaign: Campaign, contact_id: str, phone: str) -> Listing:
        listing = Listing(
            contact_id=contact_id,
            phone=phone,
            campaign_id=campaign.campaign_id,
            agent_id=campaign.agent_id,
            start=campaign.start,
            end=campaign.end,
            at=time.time(),
            repeated=contact_id in campaign.contact_ids,
        )
        campaign.contact_ids.add(contact_id)
        self._listings.append(listing)
        return listing

    def _phone_of(self, contact_id: str) -> str | None:
        phone = phone_in(contact_id)
        return phone if phone in self.contacts or (phone and self.recalls_contacts) else None

    def _listed_contacts(self) -> ResponseReturnValue:
        campaign = self.campaigns.get(request.args.get(self.names.name("look_up", "campaign_id"), ""))
        if campaign is None or not self.campaign_lookup:
            return self._refused("Not found", 404)
        with self._lock:
            ids = sorted(campaign.contact_ids)
            contacts = [{"contact_id": contact_id, "phone": self._phone_of(contact_id)} for contact_id in ids]
            own = {"campaign_id": campaign.campaign_id, "contact_ids": ids, "total": len(ids)}
            return self._answer("done", own, contacts=contacts, campaign=_facts(campaign))


def _campaign_faults(payload: dict[str, Any]) -> dict[str, list[str]]:
    missing = [name for name in CAMPAIGN_FIELDS if not isinstance(payload.get(name), str) or not payload[name]]
    if missing:
        return {name: ["This field is required."] for name in missing}
    faults = {
        name: ["Write a time like 2026-11-23T18:05:00+05:30."]
        for name in ("start_time", "end_time")
        if not _is_local_time(payload[name])
    }
    if not faults and datetime.fromisoformat(payload["end_time"]) <= datetime.fromisoformat(payload["start_time"]):
        faults["end_time"] = ["It must come after start_time."]
    if not _is_zone(payload["timezone"]):
        faults["timezone"] = ["There is no such time zone."]
    return faults


def _is_local_time(text: str) -> bool:
    try:
        return bool(LOCAL_TIME.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _strings(value: Any) -> list[str]:
    """Return a list of strings as it is, and anything else as an empty list."""
    return value if isinstance(value, list) and all(isinstance(entry, str) for entry in value) else []


def _campaign_json(campaign: Campaign) -> dict[str, Any]:
    shown = asdict(campaign) | _window(campaign.start, campaign.end)
    return shown | {"contact_ids": sorted(campaign.contact_ids)}


def _window(start: datetime | None, end: datetime | None) -> dict[str, str | None]:
    return {"start": start.isoformat() if start else None, "end": end.isoformat() if end else None}


def _facts(campaign: Campaign) -> dict[str, str | None]:
    known = {"campaign_id": campaign.campaign_id, "agent_id": campaign.agent_id}
    return known | _window(campaign.start, campaign.end)


def _words(message: str | dict[str, list[str]]) -> str:
    """Return what a message says to a person."""
    return message if isinstance(message, str) else " ".join(text for texts in message.values() for text in texts)
