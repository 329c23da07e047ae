"""The audit log: what people and keys did that is written down, and the chain that shows whether it was changed since.

Each row holds the hash of the row before it. So a row that is changed, taken out, put in or moved no longer fits those
around it, and whoever wants to hide that has to make all later rows anew: their hashes are others then than those that
somebody has noted elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ordercall.domain.activity import Event

FIRST = ""
"""What the first row of all has in the place of the hash before it."""


class Act(StrEnum):
    """What is written down."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SESSIONS_ENDED = "sessions_ended"
    STATUS_SET = "status_set"
    CANCEL_ASKED = "cancel_asked"
    CANCEL_WITHDRAWN = "cancel_withdrawn"
    CALL_ASKED = "call_asked"
    NOTE_ADDED = "note_added"
    HOLD_RELEASED = "hold_released"
    ADDRESS_DECIDED = "address_decided"
    DELIVERY_HANDLED = "delivery_handled"
    DEMO_REMOVED = "demo_removed"
    RUN_STARTED = "run_started"
    RUN_STOPPED = "run_stopped"
    POLICY_PUBLISHED = "policy_published"
    CALLS_PAUSED = "calls_paused"
    CALLS_RESUMED = "calls_resumed"
    NUMBER_LISTED = "number_listed"
    NUMBER_UNLISTED = "number_unlisted"
    WORD_EXPLAINED = "word_explained"
    WORD_TAKEN_BACK = "word_taken_back"
    EXPORTED = "exported"
    CUSTOMER_ERASED = "customer_erased"
    CUSTOMER_EXPORTED = "customer_exported"
    PERSON_INVITED = "person_invited"
    LINK_MADE = "link_made"
    LINK_SENT = "link_sent"
    PASSWORD_SET = "password_set"  # noqa: S105 - the word for it
    FACTOR_ON = "factor_on"
    FACTOR_OFF = "factor_off"
    FACTOR_TAKEN = "factor_taken"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    ISSUER_LINKED = "issuer_linked"
    ISSUER_UNLINKED = "issuer_unlinked"
    ISSUER_VOUCHED = "issuer_vouched"
    ROLE_SET = "role_set"
    PERSON_DISABLED = "person_disabled"
    PERSON_ENABLED = "person_enabled"
    KEY_MADE = "key_made"
    KEY_ROTATED = "key_rotated"
    KEY_ENDED = "key_ended"
    SETTINGS = "settings"
    AUDIT_EXPORTED = "audit_exported"
    AUDIT_PRUNED = "audit_pruned"
    BACKED_UP = "backed_up"
    TOKENS_SEALED = "tokens_sealed"
    RESTORED = "restored"
    ALERT_TESTED = "alert_tested"

    @property
    def says(self) -> str:
        return _SAYS[self]


_SAYS = {
    Act.SIGNED_IN: "Logged in",
    Act.SIGN_IN_FAILED: "Could not log in",
    Act.SIGNED_OUT: "Logged out",
    Act.SESSIONS_ENDED: "Ended sessions",
    Act.STATUS_SET: "Set a status",
    Act.CANCEL_ASKED: "Asked for a cancel in Shopify",
    Act.CANCEL_WITHDRAWN: "Took a cancel back",
    Act.CALL_ASKED: "Asked for a call",
    Act.NOTE_ADDED: "Wrote a note",
    Act.HOLD_RELEASED: "Let a parcel go",
    Act.ADDRESS_DECIDED: "Decided about an address",
    Act.DELIVERY_HANDLED: "Handled a delivery",
    Act.DEMO_REMOVED: "Removed demo orders",
    Act.RUN_STARTED: "Started a bulk run",
    Act.RUN_STOPPED: "Stopped a bulk run",
    Act.POLICY_PUBLISHED: "Published rules",
    Act.CALLS_PAUSED: "Paused all calls",
    Act.CALLS_RESUMED: "Resumed calls",
    Act.NUMBER_LISTED: "Put numbers on the do-not-call list",
    Act.NUMBER_UNLISTED: "Took a number off the do-not-call list",
    Act.WORD_EXPLAINED: "Explained a word of the agent's",
    Act.WORD_TAKEN_BACK: "Took back what a word means",
    Act.EXPORTED: "Exported orders",
    Act.CUSTOMER_ERASED: "Had a customer erased",
    Act.CUSTOMER_EXPORTED: "Exported what is kept of a customer",
    Act.PERSON_INVITED: "Invited a person",
    Act.LINK_MADE: "Made a link for a password",
    Act.LINK_SENT: "Sent a link for a password by e-mail",
    Act.PASSWORD_SET: "Chose a password",
    Act.FACTOR_ON: "Switched their second factor on",
    Act.FACTOR_OFF: "Switched their second factor off",
    Act.FACTOR_TAKEN: "Took a second factor away",
    Act.RECOVERY_CODES_MADE: "Made recovery codes",
    Act.RECOVERY_CODE_USED: "Used a recovery code",
    Act.ISSUER_LINKED: "Linked an account to log in by",
    Act.ISSUER_UNLINKED: "Unlinked the account to log in by",
    Act.ISSUER_VOUCHED: "Was vouched for by the linked account",
    Act.ROLE_SET: "Gave a role",
    Act.PERSON_DISABLED: "Let a person in no longer",
    Act.PERSON_ENABLED: "Let a person in again",
    Act.KEY_MADE: "Made a key",
    Act.KEY_ROTATED: "Made a program's next key",
    Act.KEY_ENDED: "Ended a key",
    Act.SETTINGS: "Started with other settings",
    Act.AUDIT_EXPORTED: "Exported the audit log",
    Act.AUDIT_PRUNED: "Pruned the audit log",
    Act.BACKED_UP: "Made a backup",
    Act.TOKENS_SEALED: "Sealed stored tokens anew",
    Act.RESTORED: "Put a backup in place",
    Act.ALERT_TESTED: "Tested alerts",
}

OF_EVENTS = {
    Event.STATUS_UPDATED: Act.STATUS_SET,
    Event.CANCEL_REQUESTED: Act.CANCEL_ASKED,
    Event.CANCEL_WITHDRAWN: Act.CANCEL_WITHDRAWN,
    Event.SYNC_REQUESTED: Act.CALL_ASKED,
    Event.NOTE_ADDED: Act.NOTE_ADDED,
    Event.HOLD_RELEASED: Act.HOLD_RELEASED,
    Event.ADDRESS_DECIDED: Act.ADDRESS_DECIDED,
    Event.DELIVERY_HANDLED: Act.DELIVERY_HANDLED,
    Event.DEMO_REMOVED: Act.DEMO_REMOVED,
    Event.BULK_STARTED: Act.RUN_STARTED,
    Event.ORDERS_EXPORTED: Act.EXPORTED,
}
"""What the timeline of an order tells already: its entry makes the row, so the two cannot differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One row of the log.

    Attributes:
        id: its place in the chain: one more than that of the row before.
        at: POSIX seconds.
        who: a person, a key or a program, as pages name them.
        address: the IP address that it was asked from; empty on the command line.
        about: what it was done to, such as ``order 5001`` or ``key 3``; empty where that is nothing in particular.
        details: JSON without personal data of customers.
        previous: the hash of the row before.
    """

    id: int
    at: float
    who: str
    address: str
    act: str
    about: str
    details: str
    previous: str
    hash: str = ""

    def sealed(self) -> AuditRow:
        """Return the row with its hash."""
        return replace(self, hash=self.right_hash())

    def right_hash(self) -> str:
        """Return the SHA-256 of all that the row says, and of the hash before it."""
        said = [self.id, self.at, self.who, self.address, self.act, self.about, self.details, self.previous]
        return hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()

    @property
    def pruned(self) -> tuple[int, str]:
        """The place and hash of the last row that was pruned, of a row that says so; of a forged one no row's."""
        try:
            return int(self.about.removeprefix("row ")), str(json.loads(self.details)["hash"])
        except (ValueError, KeyError, TypeError):
            return -1, FIRST

    def to_json(self) -> dict[str, Any]:
        """Return the row as the API and the export have it."""
        return {
            "id": self.id,
            "at": self.at,
            "who": self.who,
            "address": self.address,
            "act": self.act,
            "about": self.about,
            "details": json.loads(self.details),
            "previous": self.previous,
            "hash": self.hash,
        }


def as_details(details: Mapping[str, object]) -> str:
    """Return details as they are stored and hashed: one text for one content."""
    return json.dumps(details, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the whole chain found.

    Attributes:
        rows: how many fit each other, from the oldest on.
        head: the hash of the last of them: what to note elsewhere.
        broken: the place of the first row that does not fit; None: all do.
        fault: why, as a sentence; empty where all is well.
    """

    rows: int
    head: str
    broken: int | None = None
    fault: str = ""


def verify(rows: Iterable[AuditRow], *, known: str = "") -> Verdict:
    """Look at all rows, oldest first, whether each is as it was written and follows the one before.

    Args:
        known: a hash that was noted earlier; the row that has it must be there, or be the last that was pruned.
    """
    begin, pruned = (0, FIRST), (0, FIRST)
    place, head = begin
    number, found = 0, not known
    for row in rows:
        if not number:
            begin = place, head = row.id - 1, row.previous
            found = found or head == known
        if fault := _fault(row, place, head):
            return Verdict(number, head, row.id, fault)
        if row.act == Act.AUDIT_PRUNED:
            pruned = row.pruned
        place, head, number = row.id, row.hash, number + 1
        found = found or row.hash == known
    if begin != pruned:
        return Verdict(number, head, begin[0] + 1, "What was before it is missing, and no row says that it was pruned.")
    if not found:
        return Verdict(number, head, place + 1, "No row has the hash that was noted: the end of the log is missing.")
    return Verdict(number, head)


def _fault(row: AuditRow, place: int, head: str) -> str:
    if row.id != place + 1:
        return f"It follows row {place}: what was between them is missing."
    if row.previous != head:
        return f"It does not follow row {place} as that is now: one of the two was put in another's place."
    if row.hash != row.right_hash():
        return "It is not as it was written."
    return ""
