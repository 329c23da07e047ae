"""Writing an address that a person has approved into Shopify.

The order is read before anything is sent: what has shipped, or has another address by now, is a person's again. That a
request may have left is stored before it does, so a worker that dies, or an answer that is lost, leads to another look.
It is done when the order's own reading or webhook shows the address, for that is what couriers get.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ordercall.config import Settings
from ordercall.domain.activity import Event, ProviderCall
from ordercall.domain.places.addresses import Address, State, Step, next_step
from ordercall.errors import CredentialsRefused, ProviderRefused
from ordercall.jobs.engine import JobEngine
from ordercall.providers.shopify.addresses import AddressInShopify, ShopAddresses
from ordercall.services.address_proposals import follow, let_leave
from ordercall.services.demo import SHOPIFYS, is_foreign
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, addresses, orders
from ordercall.storage.records.addresses import Proposal

UNCHANGED = "Shopify took it, and shows the old address still. Look at the order in Shopify."
CRASHED = "The worker stopped again and again while it corrected the address."


class AddressCorrection:
    """Brings approved addresses to Shopify."""

    def __init__(
        self,
        db: Database,
        jobs: JobEngine,
        shopify: ShopAddresses,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._shopify = shopify
        self._settings = settings
        self._clock = clock

    def correct(self, shopify_id: int) -> None:
        """Give the order the address that a person approved, unless it has that already or must not get it.

        Raises:
            ProviderBusy, OutcomeUnknown: try again later; the next attempt looks at the order first.
        """
        with self._db.begin() as tx:
            proposal = self._under_way(tx, shopify_id)
        if proposal is None or proposal.before is None or proposal.after is None:
            return
        try:
            self._carry_on(proposal, proposal.before, proposal.after)
        except CredentialsRefused as refusal:
            self._wait(shopify_id, refusal)
            raise

    def give_up(self, shopify_id: int) -> None:
        """Store that the correction keeps crashing the worker; a person must look."""
        with self._db.begin() as tx:
            if proposal := self._under_way(tx, shopify_id):
                self._move(tx, proposal, State.REFUSED, refused=CRASHED)

    def _under_way(self, tx: Connection, shopify_id: int) -> Proposal | None:
        """Return the address that is to be written; None: there is none, or Shopify cannot be asked for it."""
        order = orders.find_to_change(tx, shopify_id)
        proposal = addresses.under_way(tx, shopify_id) if order else None
        if order is None or proposal is None:
            return None
        missing = ", ".join(self._settings.missing_for_cancels)
        if not missing and not is_foreign(order, self._settings):
            return proposal
        self._move(tx, proposal, State.REFUSED, refused=f"Set {missing or SHOPIFYS}, then approve it again.")
        return None

    def _carry_on(self, proposal: Proposal, before: Address, wanted: Address) -> None:
        try:
            shown = self._shown(proposal.shopify_id)
            step, why = next_step(wanted, before, shown)
            match step:
                case Step.REFUSE:
                    self._change(proposal, State.REFUSED, refused=why)
                case Step.ASK:
                    self._change(proposal, State.CHANGED)
                case Step.SEEN:
                    self._there(proposal, wanted)
                case Step.SEND if shown is not None:
                    now = self._clock().timestamp()
                    if sent := self._change(proposal, State.SENT, sent_at=now, refused=None):
                        proposal = sent
                        taken = self._shopify.correct(proposal.shopify_id, wanted, shown.kept)
                        self._there(proposal, taken or wanted)
        except ProviderRefused as refusal:
            self._change(proposal, State.REFUSED, refused=refusal.sentence, call=refusal.call)

    def _shown(self, shopify_id: int) -> AddressInShopify | None:
        """Return the order as Shopify shows it; of one whose rest is on hold it does not show that a part has left."""
        shown = self._shopify.read(shopify_id)
        with self._db.read() as tx:
            known = orders.find(tx, shopify_id)
        if shown and known and known.fulfillment_status.has_left and not shown.fulfilment.has_left:
            return replace(shown, fulfilment=known.fulfillment_status)
        return shown

    def _there(self, proposal: Proposal, place: Address) -> None:
        """Store the address as Shopify has it, and have the order follow; a name alone is followed by nothing else."""
        before, wanted = proposal.before, proposal.after
        only_the_name = before is not None and wanted is not None and before.is_at(wanted)
        if before and before.is_at(place) and not only_the_name:
            self._change(proposal, State.REFUSED, refused=UNCHANGED)
            return
        with self._db.begin() as tx:
            current = self._still(tx, proposal)
            if current is None:
                return
            self._move(tx, current, State.SEEN if only_the_name else State.SENT, after=place, refused=None)
            if only_the_name:
                activity.record(tx, proposal.shopify_id, Event.ADDRESS_SEEN, State.SEEN.sentence, now=self._clock())
                let_leave(tx, self._jobs, proposal.shopify_id, now=self._clock())
            else:
                self._jobs.read_order_again(tx, proposal.shopify_id)
                follow(tx, self._jobs, proposal.shopify_id, now=self._clock())

    def _wait(self, shopify_id: int, refusal: CredentialsRefused) -> None:
        """Show what keeps the request from being taken, until a person has mended that: it goes on by itself then."""
        with self._db.begin() as tx:
            orders.find_to_change(tx, shopify_id)
            proposal, words = addresses.under_way(tx, shopify_id), refusal.sentence
            if proposal and proposal.refused != words:
                addresses.note_refusal(tx, proposal, words)
                self._log(tx, shopify_id, words, refusal.call)

    def _still(self, tx: Connection, proposal: Proposal) -> Proposal | None:
        """Return the proposal if it is what it was: a person may have decided anew while Shopify answered."""
        orders.find_to_change(tx, proposal.shopify_id)
        current = addresses.under_way(tx, proposal.shopify_id)
        return current if current and current.version == proposal.version else None

    def _change(
        self, proposal: Proposal, state: State, *, call: ProviderCall | None = None, **changes: Any
    ) -> Proposal | None:
        """Bring a proposal into another state, and return it as it is then; None: a person has decided anew."""
        with self._db.begin() as tx:
            current = self._still(tx, proposal)
            if current is None:
                return None
            self._move(tx, current, state, call=call, **changes)
            return addresses.under_way(tx, proposal.shopify_id)

    def _move(
        self, tx: Connection, proposal: Proposal, state: State, *, call: ProviderCall | None = None, **changes: Any
    ) -> None:
        addresses.move(tx, proposal, state, now=self._clock(), **changes)
        if state is State.CHANGED:
            self._log(tx, proposal.shopify_id, state.sentence, call)
            self._jobs.read_order_again(tx, proposal.shopify_id)
        elif words := changes.get("refused"):
            self._log(tx, proposal.shopify_id, words, call)

    def _log(self, tx: Connection, shopify_id: int, words: str, call: ProviderCall | None) -> None:
        message = f"The address was not corrected in Shopify. {words}"
        activity.record(tx, shopify_id, Event.ADDRESS_ERROR, message, now=self._clock(), call=call)
