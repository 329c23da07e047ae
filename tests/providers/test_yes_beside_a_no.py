"""A yes beside something that denies it, divides it or takes back that it was meant: nobody counts as added by it."""

from __future__ import annotations

from typing import Any

import pytest

from ordercall.providers.kalimera.additions import read_addition
from ordercall.providers.kalimera.statements import Asked

ALL = ("c-1", "c-2", "c-3")
ASKED = Asked(dict.fromkeys(ALL))

SENTENCES = [
    *("Contacts weren't added", "The contacts haven’t been queued", "Some contacts were added", "Only two added"),
    *("two of three contacts added", "Contacts added except c-3", "All but one contact added", "Most contacts added"),
    *("Half of the contacts were added", "Added, the remaining contacts follow"),
]
UNCLEAR: list[Any] = [
    *({"success": True, "message": text} for text in SENTENCES),
    *({"success": True, name: ["c-3: dnd"]} for name in ("details", "messages", "notes", "info", "remarks")),
    {"status": 207},
    {"success": True, "code": 207},
    # a yes to a question, not in earnest, or of a campaign that is off
    *({"success": True, name: True} for name in ("preview", "validate_only", "noop", "simulation", "mockMode")),
    *({"success": True, "campaign": off} for off in ({"is_active": 0}, {"enabled": "false"}, {"isEnabled": "No"})),
    *({"success": True, name: 0} for name in ("n", "is_callable", "can_call", "willRing", "enabled")),
]
YES: list[Any] = [
    {"success": True, "message": "All of the contacts were added", "preview": False, "noop": 0, "n": 3},
    {"success": True, "details": ["Contacts added"], "notes": ["Calls begin at nine"], "validated": True},
    {"success": True, "contacts": [{"id": who, "called": 0, "active": 0} for who in ALL]},
]


@pytest.mark.parametrize("body", UNCLEAR, ids=str)
def test_nobody_is_added_by_a_yes_that_is_none(body: Any) -> None:
    addition = read_addition(body, ASKED)

    assert (addition.added, addition.refused, addition.is_a_no) == (frozenset(), {}, False)


@pytest.mark.parametrize("body", YES, ids=str)
def test_what_only_sounds_like_it_takes_no_yes_away(body: Any) -> None:
    assert read_addition(body, ASKED).added == set(ALL)
