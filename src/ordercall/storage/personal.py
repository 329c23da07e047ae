"""What is personal in each table, column by column: what an erasure empties, searches, or leaves as nobody's.

Every column of text or bytes is named once, and a test fails for one that is not: whoever adds a column decides there
whether a customer can stand in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ordercall.domain.orders.order import PERSONAL


@dataclass(frozen=True, slots=True)
class Holds:
    """The columns of one table, as words with spaces between them.

    Attributes:
        erased: they are about the customer, and emptied (or gone with their row) when that is erased.
        searched: free text, in which anybody may be named: it is searched for who is erased.
        plain: nobody can be named there: ids, words of ours, what people of the shop are called, goods, hashes.
    """

    erased: str = ""
    searched: str = ""
    plain: str = ""

    @property
    def names(self) -> list[str]:
        return [*self.erased.split(), *self.searched.split(), *self.plain.split()]


_GOODS = "order_name product_title items lines currency presentment_currency gateways source_name country"
_STATES = (
    "created_at confirmation_status financial_status fulfillment_status shopify_cancelled_at closed_at fact_times"
    " status_changed_by calling_state calling_reason language campaign_id cancel_state cancel_reason cancel_job"
)

TABLES = {
    "orders": Holds(
        erased=" ".join((*PERSONAL, "calling_detail", "cancel_detail", "contact_id")), plain=f"{_GOODS} {_STATES}"
    ),
    "logs": Holds(erased="detail", searched="message", plain="timestamp event_type actor"),
    "deliveries": Holds(
        searched="body reason",
        plain="webhook_id body_digest topic shop event_id api_version triggered_at headers secret_name"
        " outcome handled_by",
    ),
    "reports": Holds(
        erased="phone body_digest unread",
        searched="body",
        plain="door sender report_id call_id contact_id rung_call meant said fate why handled_by",
    ),
    "report_words": Holds(plain="path word key value taught_by"),
    "contacts": Holds(erased="phone contact_id", plain="state"),
    "campaigns": Holds(plain="campaign_id agent_id"),
    "listings": Holds(plain="campaign_id language contact_id state"),
    "calls": Holds(
        erased="phone contact_id detail",
        plain="call_id state asked_by reason provider campaign_id language agent_id follows wanted_language"
        " asked_despite rings_with",
    ),
    "call_orders": Holds(plain="call_id answer"),
    "program_cancels": Holds(erased="phone", plain="before person"),
    "card_edits": Holds(erased="contact_id"),
    "address_proposals": Holds(erased="said before after note refused", plain="state decided_by"),
    "order_holds": Holds(searched="refused others_note", plain="held let_go"),
    "order_parcels": Holds(searched="words", plain="came_back"),
    "write_backs": Holds(searched="refused", plain="said word tag adding fields"),
    "decisions": Holds(erased="because", plain="answer reason language agent_id campaign_id"),
    "bulk_runs": Holds(searched="described", plain="key action made_by stopped_by cancel_reason"),
    "bulk_items": Holds(searched="message", plain="state seen wanted previous left_as"),
    "saved_views": Holds(searched="name query", plain="made_by"),
    "first_calls": Holds(
        erased="phone contact_id",
        plain="made_by language agent_id campaign_id number confirmed stage doing steps found_out rang ended_by",
    ),
    "trials": Holds(plain="document address made_by counted fault"),
    "trial_differences": Holds(plain="differs"),
    "pauses": Holds(searched="why", plain="began_by ended_by"),
    "window_endings": Holds(plain="campaign_id outcome words"),
    "policies": Holds(plain="document locks published_by changed"),
    "do_not_call": Holds(plain="number_hash mark listed_by source why"),
    "privacy_requests": Holds(plain="topic shop reference named report done_by"),
    "answered_requests": Holds(plain="key answer"),
    "reconciliations": Holds(plain="asked_by silent fault unsubscribed"),
    "refused_credentials": Holds(plain="provider setting words"),
    "refusals": Holds(plain="cause"),
    "disconnections": Holds(plain="shop ended_by"),
    "order_counts": Holds(plain="status currency"),
    "shop_names": Holds(plain="domain shop_id"),
    "access_tokens": Holds(plain="app token scopes"),
    "connection_checks": Holds(plain="findings"),
    "paused_campaigns": Holds(plain="campaign_id"),
    "silent_providers": Holds(plain="provider"),
    "answer_shapes": Holds(plain="fingerprint operation content_type outcome body"),
    "login_failures": Holds(plain="address"),
    "people": Holds(plain="name role password_hash made_by"),
    "person_links": Holds(plain="hash"),
    "second_factors": Holds(plain="nonce key_mark"),
    "recovery_codes": Holds(plain="hash"),
    "issuer_accounts": Holds(plain="issuer subject"),
    "sessions": Holds(plain="hash address browser credential"),
    "api_keys": Holds(plain="name scopes hash made_by used_from ended_by"),
    "ended_sessions": Holds(plain="id"),
    "audit": Holds(plain="who address act about details previous hash"),
    "alerts": Holds(plain="alert words"),
    "alert_messages": Holds(plain="channel fault message stage"),
    "measures": Holds(plain="labels name part"),
    "awaited_erasures": Holds(),
    "upkeep": Holds(plain="kind fault"),
    "running": Holds(),
    "look_ups": Holds(),
    "fulfilment_orders": Holds(),
}
"""The tables of the job engine hold ids of orders and hashes, and those of the search are made of ``orders``."""
