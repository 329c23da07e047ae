"""Who was put on a campaign's list: what Kalimera's answer to an addition says of each of many contacts.

It is read tolerantly and believed honestly. Somebody is *added* where a yes that is understood stands for them, and
*refused* where a no that is understood names them; whoever is neither is *unclear*, never guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ordercall.providers.kalimera.names import Sense
from ordercall.providers.kalimera.refusals import is_doubtful, says_a_bad_word
from ordercall.providers.kalimera.statements import Asked, Counted, Named, Statement, Whole, statements_in, together
from ordercall.providers.kalimera.verdicts import Says, counts_the_added

REFUSED = 300
"""From this status on an answer is no success."""


@dataclass(frozen=True, slots=True)
class Addition:
    """What an answer says of contacts that were to be put on a list. Each of them is in one of the three.

    Attributes:
        added: a yes stands for them.
        refused: those it names as not added, each with its words, masked.
        unclear: those of which it does not say enough.
        is_a_no: it refuses all of them together, and nothing in it makes that doubtful: those it names are why.
    """

    added: frozenset[str]
    refused: dict[str, str]
    unclear: frozenset[str]
    is_a_no: bool = False


def read_addition(body: Any, asked: Asked, *, status: int = 200) -> Addition:
    """Read what became of contacts that were to be added, each called by its id or its phone.

    Args:
        status: of the answer; one of the 200 series is no yes: some answer so whatever happens.
    """
    found = statements_in(body, asked)
    named = _named(found)
    refused = {who: _words(found, who) for who, said in named.items() if said is Says.NO}
    whole = _whole(found, named, asked, succeeded=status < REFUSED)
    if whole is Says.NO and _refuses_all(body, found, named, asked, status):
        return Addition(frozenset(), refused, asked.ids - refused.keys(), is_a_no=True)
    added = _added(asked, named, whole)
    if _counts_fewer(found, added, asked):
        added = set()
    return Addition(frozenset(added), refused, asked.ids - added - refused.keys())


def _named(found: Iterable[Statement]) -> dict[str, Says | None]:
    """Return what the answer says of each whom it names; None: nothing but the name."""
    said: defaultdict[str, set[Says | None]] = defaultdict(set)
    for one in found:
        if isinstance(one, Named):
            for who in one.who:
                said[who].add(one.says)
    return {who: together(says) for who, says in said.items()}


def _words(found: Iterable[Statement], who: str) -> str:
    return next((one.words for one in found if isinstance(one, Named) and who in one.who and one.words), "")


def _whole(found: list[Statement], named: dict[str, Says | None], asked: Asked, *, succeeded: bool) -> Says | None:
    """Return what the answer says of all whom it does not tell apart; None: nothing."""
    said = {one.says for one in found if isinstance(one, Whole)}
    explained = Says.NO in named.values()
    if Says.NO in said or not succeeded or (Says.FAULT in said and not said & {Says.YES, Says.DOUBT}):
        return Says.DOUBT if Says.YES in said else Says.NO
    if said & {Says.FAULT, Says.DOUBT} or (Says.PARTLY in said and not explained):
        return Says.DOUBT
    numbers = [one.number for one in found if isinstance(one, Counted) and one.sense is Sense.ADDED and one.is_certain]
    rest = asked.ids - {who for who, says in named.items() if says}
    if Says.YES in said or (numbers and min(numbers) >= len(rest)):
        return Says.YES
    only_says_who_failed = None not in said and not numbers and set(named.values()) <= {Says.NO}
    return Says.YES if only_says_who_failed else None


def _refuses_all(body: Any, found: list[Statement], named: dict[str, Says | None], asked: Asked, status: int) -> bool:
    """Return whether a no is one to all. Whom a refusal by its status names may be why it refused all of them."""
    said = set(named.values())
    told_apart = Says.YES in said or Says.DOUBT in said or (None in said and not says_a_bad_word(body))
    if (named and status < REFUSED) or told_apart or any(_numbers(found, Sense.ADDED)) or counts_the_added(body):
        return False
    return not is_doubtful(body, len(asked.ids), status)


def _added(asked: Asked, named: dict[str, Says | None], whole: Says | None) -> set[str]:
    """Return those for whom a yes stands: one of their own, or that of the whole where it is about them."""
    if whole is Says.NO and Says.NO not in named.values():  # a no that nothing explains, beside a yes
        return set()
    added = {who for who, says in named.items() if says is Says.YES}
    if whole is Says.YES:
        added |= {who for who, says in named.items() if says is None}
        added |= set(asked.ids - named.keys()) if set(named.values()) <= {Says.NO} else set()
    return added


def _counts_fewer(found: Iterable[Statement], added: set[str], asked: Asked) -> bool:
    """Return whether the answer counts fewer of the added, or more of the others, than it seems to name."""
    failed = max(_numbers(found, Sense.FAILED), default=0)
    fewer = any(number < len(added) for number in _numbers(found, Sense.ADDED))
    return fewer or failed > len(asked.ids) - len(added)


def _numbers(found: Iterable[Statement], sense: Sense) -> list[int]:
    return [one.number for one in found if isinstance(one, Counted) and one.sense is sense]
