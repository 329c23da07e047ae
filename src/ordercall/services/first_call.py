"""The first real call: one contact of a person's own, brought to Kalimera's list step by step, and no order."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ordercall.config import Settings
from ordercall.domain.activity import ProviderCall
from ordercall.domain.calls.calling import INDIA, CallWindow
from ordercall.domain.calls.first_call import LISTING, WINDOW, Step, Trace
from ordercall.domain.policy.rules import Agent
from ordercall.domain.reports.report import Report
from ordercall.domain.shapes import shape_of
from ordercall.errors import (
    AlreadyThere,
    CredentialsRefused,
    NotShown,
    OutcomeUnknown,
    ProviderBusy,
    ProviderError,
    ProviderRefused,
)
from ordercall.jobs.engine import JobEngine
from ordercall.providers import outgoing
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.kalimera.strangers import strangers
from ordercall.providers.kalimera.verdicts import says_it_exists
from ordercall.providers.kalimera.words import ContactCard
from ordercall.providers.masking import HIDDEN
from ordercall.services.decision_service import DecisionService
from ordercall.services.first_call_check import FirstCallCheck, new_trace, report_of
from ordercall.services.kalimera_service import announce
from ordercall.services.report_service import ReportService
from ordercall.storage.engine.database import Database
from ordercall.storage.records import contacts, demo
from ordercall.storage.records.campaigns import CampaignSettings
from ordercall.storage.records.reports import StoredReport

_NAME_IT = "Where it names a field, say in KALIMERA_CONTRACT what it is called there (docs/first-call.md)."


class FirstCall:
    """One call, to one number. Each step is taken once, in this order; a step that failed is the last.

    Args:
        seen: the records of all requests that ``kalimera`` has made.
        agent: the one that is to ring.
        own: its number, where it is stored.
        trace: of a call that is gone on with.

    Attributes:
        steps: those that were taken.
        confirmed: the doubts despite which a person wants the number rung.
        found_out: what is known of Kalimera by now that was assumed before.
        reported: the report that was found; None: there is none yet.
    """

    def __init__(
        self,
        settings: Settings,
        db: Database,
        jobs: JobEngine,
        kalimera: KalimeraClient,
        seen: list[ProviderCall],
        decisions: DecisionService,
        agent: Agent,
        phone: str,
        clock: Callable[[], datetime],
        *,
        own: int | None = None,
        trace: Trace | None = None,
    ) -> None:
        self._contract = settings.kalimera_contract
        self._settings = settings
        self._db = db
        self._check = FirstCallCheck(db, jobs, decisions, clock)
        self._clock = clock
        self._kalimera = kalimera
        self._seen = seen
        self._own = own
        self.agent = agent
        self.reported: StoredReport | None = None
        self.steps: list[Step] = []
        self.confirmed: set[str] = set()
        self.found_out: list[str] = []
        self.trace = trace or new_trace(db, phone, clock())

    # -- before anything is asked

    @property
    def phone(self) -> str:
        return self.trace.phone

    def refusals(self) -> list[str]:
        """Return why this call may not be made now, a sentence each with what to do."""
        return self._check.refusals(self.agent, self.phone, self._own)

    def demo_orders(self) -> int:
        """Return how many orders of the sandbox are here while this installation is real, up to 1,000."""
        with self._db.read() as tx:
            return 0 if self._settings.sandboxed else demo.number(tx)

    def doubts(self) -> list[str]:
        """Return what a person has to confirm before this number is rung now."""
        return self._check.doubts(self.phone)

    def _stands_against(self) -> str:
        return self._check.stands_against(self.agent, self.phone, self.confirmed, self._own)

    # -- the steps

    def token(self) -> Step:
        return self._take("Token", self._token)

    def campaign(self) -> Step:
        return self._take(f"Campaign {self.agent.campaign_id}", self._campaign)

    def set_agent(self) -> Step:
        return self._take(f"Agent {self.agent.agent_id}, {self.agent.language.label}", self._agent)

    def contact(self) -> Step:
        return self._take("Contact", self._contact)

    def listing(self) -> Step:
        return self._take(LISTING, self._listing)

    def close(self) -> Step:
        """End the window. It is no step of a call that goes its way."""
        return self._take("End of the window", self._close)

    def report(self) -> StoredReport | None:
        """Return the first report of this call, or None while there is none. It is no open matter any more."""
        self.reported = report_of(self._db, self.trace, self._clock())
        return self.reported

    def shapes(self) -> list[dict[str, Any]]:
        """Return the names and kinds of what was asked, answered and reported so far, without any value."""
        found = [_shapes(step.name.partition(" ")[0], call) for step in self.steps for call in step.calls]
        if self.reported and (body := self.shown(self.reported)):
            found.append({"step": "Report", "reported": shape_of(json.loads(body), HIDDEN)})
        return found

    @staticmethod
    def shown(report: StoredReport) -> str | None:
        """Return a report as it came, with phones and the like hidden."""
        return ReportService.shown_body(report)

    def _take(self, name: str, ask: Callable[[Step], None]) -> Step:
        step, before = Step(name), len(self._seen)
        self.steps.append(step)
        try:
            ask(step)
        except ProviderError as error:
            step.failed = f"{error.sentence} {_remedy(error)}"
            step.was_there = isinstance(error, ProviderRefused) and says_it_exists(error.body)
        step.calls = self._seen[before:]
        theirs = {*self._contract.renamed.values(), *self._contract.ours}
        for call in step.calls:
            adds = ask == self._listing and call.method == "POST"
            unknown = strangers(call.response, theirs, of_addition=adds)
            step.not_understood += [f"{path} is not known; nothing is done with it." for path in unknown]
        step.not_understood = list(dict.fromkeys(step.not_understood))
        return step

    def _token(self, step: Step) -> None:
        if self._kalimera.accepts_token():
            step.understood.append("The token is accepted.")
        else:
            step.not_understood.append("It does not show contacts, so nothing says yet whether the token is right.")

    def _campaign(self, step: Step) -> None:
        seen = self._kalimera.see_campaign(self.agent.campaign_id)
        if seen.agents:
            step.understood.append(f"Its agent is {', '.join(sorted(seen.agents))}.")
        if seen.ends:
            step.understood.append(f"Its window ends {min(seen.ends).astimezone(INDIA):%d %b, %H:%M} India time.")
        listed = self._kalimera.listed_contacts(self.agent.campaign_id)
        if listed is None or not listed.whole:
            step.not_understood.append(
                "Its list is not shown, or not to its end: where an answer is lost, a person has to look there."
            )
        else:
            step.understood.append(f"Contacts on its list: {len(listed.ids):,}.")
        if listed is None or listed.ids:
            step.not_understood.append(
                "Nobody knows whether those who stand on its list already are rung when it opens (K2). Where there are"
                " customers among them, give the agent a campaign of its own."
            )

    def _agent(self, step: Step) -> None:
        if against := self._stands_against():
            step.failed = against
            return
        now = self._clock().replace(microsecond=0).astimezone(INDIA)
        wanted = CampaignSettings(self.agent.agent_id, CallWindow(now, now + WINDOW))
        with self._db.begin() as tx:
            announce(tx, self.agent.campaign_id, wanted, now)
        self._kalimera.update_campaign(self.agent.campaign_id, wanted.agent_id, wanted.window)
        step.understood.append(
            f"The campaign took this agent, and the window from {now:%H:%M} to {now + WINDOW:%H:%M}."
        )
        seen = self._kalimera.see_campaign(self.agent.campaign_id)
        if seen.is_other_than(wanted.agent_id, wanted.window.end):
            step.failed = (
                "It shows another agent or another end now. Look at the campaign at Kalimera before you go on."
            )
        elif not (seen.agents and seen.ends):
            step.not_understood.append(
                "Its agent or window is not shown, so a change that somebody makes at Kalimera is not noticed."
            )

    def _contact(self, step: Step) -> None:
        before = self._look_up(step)
        try:
            created = outgoing.run(self._kalimera.create_contact(self._card()))
        except AlreadyThere as there:
            found = there.existing_id or before
            step.understood.append("This number has a contact already, and its card may tell of an earlier order.")
            self.found_out.append("K5: a phone has one contact; another one is refused.")
        else:
            found = created.contact_id or self._look_up(step)
            if before:
                one = "K5: a phone has one contact; another one is answered with it."
                self.found_out.append(one if found == before else "K5: a phone may have several contacts.")
            if created.contact_id is None:
                step.not_understood.append("No id is found in the answer to the new contact.")
        if found is None:
            step.failed = "Say in KALIMERA_CONTRACT, [answer] contact_id, where its id stands (docs/first-call.md)."
            return
        self.trace.contact_id = found
        step.understood.append("The contact has an id, which is understood.")
        with self._db.read() as tx:
            phones = contacts.known_for(tx, [found], [self.phone]).get(found)
            if self._check.is_waited_for(tx, Report(contact_id=found, phone=self.phone)):
                step.failed = "An order is being called by this contact. Take another number."
        if phones and self.phone not in phones:
            step.failed = "Its answer names a customer's contact, by which another number was rung. Ask Kalimera why."

    def _look_up(self, step: Step) -> str | None:
        try:
            return outgoing.run(self._kalimera.find_contact(self.phone))
        except NotShown:
            step.not_understood.append("A contact is not found by its phone.")
            return None

    def _listing(self, step: Step) -> None:
        if against := self._stands_against():
            step.failed = against
            return
        campaign_id, contact_id = self.agent.campaign_id, self.trace.contact_id
        addition, _ = self._kalimera.add_contacts(campaign_id, {contact_id: self.phone})
        if refused := addition.refused.get(contact_id):
            step.failed = f"Kalimera names this contact as not added: {refused}."
            return
        if contact_id in addition.added:
            step.understood.append("The contact was added.")
        else:
            step.not_understood.append(
                "The answer does not say whether the contact was added; it may ring all the same."
            )
        listed = self._kalimera.listed_contacts(campaign_id, [contact_id])
        if listed and listed.has(contact_id):
            step.understood.append("It stands on the campaign's list.")
        else:
            step.not_understood.append("It is not seen on the campaign's list.")

    def _close(self, step: Step) -> None:
        if others := self._check.others_ring(self.agent):
            step.failed = f"The window is left as it is. {others}"
            return
        now = self._clock().replace(microsecond=0).astimezone(INDIA)
        ended = CampaignSettings(self.agent.agent_id, CallWindow(now - WINDOW, now))
        with self._db.begin() as tx:
            announce(tx, self.agent.campaign_id, ended, now)
        self._kalimera.update_campaign(self.agent.campaign_id, ended.agent_id, ended.window)
        step.understood.append(f"The campaign took the end of its window: {now:%H:%M}.")

    def _card(self) -> ContactCard:
        """Return a card with something in each field, so that one that is refused comes to light."""
        return ContactCard(
            call_id="TEST",
            shopify_id=self.trace.order_number,
            phone=self.phone,
            first_name="Ordercall",
            last_name="Test",
            email="test@example.com",
            address="1 Test Street",
            city="Ahmedabad",
            state="Gujarat",
            order_name="TEST",
            product_title="Test call, no order",
            total_price=1.0,
            currency="INR",
            items="1 × Test call, no order",
            current_total_price=1.0,
            total_outstanding=1.0,
            presentment_currency="INR",
        )


def _shapes(step: str, call: ProviderCall) -> dict[str, Any]:
    asked, answered = (shape_of(body, HIDDEN) for body in (call.request, call.response))
    return {"step": step, "method": call.method, "asked": asked, "status": call.status, "answered": answered}


def _remedy(error: ProviderError) -> str:
    if isinstance(error, CredentialsRefused):
        return 'Copy KALIMERA_AUTH_TOKEN again, the whole value with "Bearer " in front.'
    if isinstance(error, ProviderBusy):
        return "Nothing happened there; try again in a minute."
    if isinstance(error, OutcomeUnknown):
        return "It may have happened all the same: look at Kalimera before you try again."
    return _NAME_IT
