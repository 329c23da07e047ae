"""Who may do what: people by their role, programs by the scopes of their key. One table says it for both."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from ordercall.domain.activity import KEY, PROGRAMS

SHORTEST_NAME, LONGEST_NAME = 2, 40
"""Characters: a name stands in every line of an order's timeline."""

SOMEBODY = "somebody"
"""Who failed to log in, in the audit log."""

OTHERS = frozenset({*PROGRAMS, SOMEBODY, "Ordercall", "Kalimera"})
"""Names that timeline and audit log give to others: a person of that name would be taken for one."""


class Role(StrEnum):
    """What a person is here."""

    OWNER = "owner"
    AGENT = "agent"
    VIEWER = "viewer"

    @property
    def named(self) -> str:
        """*an owner*."""
        return f"{'a' if self is Role.VIEWER else 'an'} {self}"

    @property
    def says(self) -> str:
        return _ROLE_SAYS[self]


_ROLE_SAYS = {
    Role.OWNER: "Everything, also rules, people and keys.",
    Role.AGENT: "Works on orders: status, calls, cancels, notes, exports, a pause of all calls.",
    Role.VIEWER: "Looks, and changes nothing; sees of phones and e-mails the ends, and no street.",
}


class Scope(StrEnum):
    """What a program's key is for."""

    READ = "read"
    SYNC = "sync"
    STATUS = "status"
    OUTCOME = "outcome"
    ADMIN = "admin"

    @property
    def says(self) -> str:
        return _SCOPE_SAYS[self]


_SCOPE_SAYS = {
    Scope.READ: "Look at orders, reports, decisions, trials and the do-not-call list.",
    Scope.SYNC: "Put orders on their campaign, and call again.",
    Scope.STATUS: "Set a status and undo a cancel; Failed cancels in Shopify.",
    Scope.OUTCOME: "Report how calls went, as a voice agent does.",
    Scope.ADMIN: "Pause all calls, keep the do-not-call list, try drafts of the policy, read the audit log.",
}


class Permission(StrEnum):
    """What a door asks for."""

    SEE = "see what is here"
    CALL = "have customers called"
    DECIDE = "decide about orders"
    REPORT = "report how calls went"
    HANDLE = "work on what waits for a person"
    PAUSE = "pause all calls"
    EXPORT = "export customers' data"
    TRY = "try drafts of the rules"
    RULE = "change the rules and how this shop is run"
    PEOPLE = "change people and keys"
    CONTACT = "see customers' phones and addresses"
    AUDIT = "look into the audit log"


_OWNER, _STAFF, _ALL = {Role.OWNER}, {Role.OWNER, Role.AGENT}, set(Role)

HOLDERS: dict[Permission, set[Role | Scope]] = {
    Permission.SEE: {*_ALL, Scope.READ},
    Permission.CALL: {*_STAFF, Scope.SYNC},
    Permission.DECIDE: {*_STAFF, Scope.STATUS},
    Permission.REPORT: {*_STAFF, Scope.OUTCOME},
    Permission.HANDLE: {*_STAFF, Scope.ADMIN},
    Permission.PAUSE: {*_STAFF, Scope.ADMIN},
    Permission.EXPORT: {*_STAFF},
    Permission.TRY: {*_OWNER, Scope.ADMIN},
    Permission.RULE: {*_OWNER},
    Permission.PEOPLE: {*_OWNER},
    Permission.CONTACT: {*_STAFF, Scope.READ},
    Permission.AUDIT: {*_OWNER, Scope.ADMIN},
}
"""The table of permissions. No key opens a page, so what only pages offer has no scope."""


def held_by(*holders: Role | Scope) -> frozenset[Permission]:
    """Return what somebody may do who has this role, or these scopes."""
    return frozenset(each for each, who in HOLDERS.items() if who.intersection(holders))


def who_may(permission: Permission) -> str:
    """Return the roles that have a permission, in words: *an owner or an agent*."""
    return " or ".join(role.named for role in Role if role in HOLDERS[permission])


def scopes_of(permission: Permission) -> str:
    """Return the scopes that have a permission, in words."""
    return " or ".join(scope for scope in Scope if scope in HOLDERS[permission])


def name_fault(name: str, taken: Iterable[str]) -> str:
    """Return why a person or a key cannot be called this; empty where it can.

    Two names that differ in capitals alone would be taken for one.
    """
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        return f"A name has {SHORTEST_NAME} to {LONGEST_NAME} characters."
    if name != " ".join(name.split()) or not name.isprintable():
        return "A name has no blanks around it, no two in a row, and nothing invisible."
    folded = name.casefold()
    if folded in {each.casefold() for each in OTHERS} or folded.startswith(KEY):
        return f"The timeline calls a program {name!r}; choose another name."
    if folded in {each.casefold() for each in taken}:
        return f"There is a {name!r} already, or there was; choose another name."
    return ""
