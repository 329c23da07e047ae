"""The single statements in an answer to a request about many contacts: who is named, what is counted, what is said.

An answer is walked from the outside in. A name such as ``failed`` holds for all below it; a yes or a no holds for whom
its object names, and for all where it names nobody and stands at the top, or in a wrapper of the answer proper.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ordercall.domain.contact_ids import is_id, shown
from ordercall.domain.outside_json import folded
from ordercall.providers.kalimera.contacts import digits_of, is_of_a_phone, is_of_an_id
from ordercall.providers.kalimera.names import (
    FAILED,
    HALTED,
    NOT,
    Sense,
    sense_of,
    whole_number,
    words_of,
)
from ordercall.providers.kalimera.verdicts import (
    FAULTS,
    LONGEST_TEXT,
    STATES,
    TEXTS,
    WRAPPERS,
    Says,
    field_says,
    holds_something,
    own_texts,
    text_says,
)
from ordercall.providers.masking import mask, one_line

REASONS = frozenset({"reason", "reasons"})
"""Something under one of these is no yes, also where no other word says so."""

KINDS = frozenset({"type", "level", "severity", "kind", "mode"})
"""Under which a no or a bad word casts a doubt, and all else says nothing."""

DONE = re.compile(
    r"(?:contact|total)?(?:count|total)|n|rows?(?:count|affected)?"
    r"|(?:n|num|number|total|count)?(?:updated|modified|processed|affected|upserted)(?:count|rows?|contacts|records|items)?"
)
"""A number under such a name is of those for whom something was done."""

GOOD = frozenset(
    {"active", "valid", "eligible", "enabled", "acknowledged", "called", "callable", "reachable", "available"}
    | {"updated", "modified", "processed", "dialing", "dialling", "calling"}
)
"""What somebody on a list is: false under a name that ends so is a doubt, as it is under "will" and "can"."""

RESULT_CODE = re.compile(r"(?:api)?(?:response|return|ret|result)code")

REMARKS = re.compile(r"(?:message|msg)$|^(?:text|info|note|description|remarks?|comments?|details?|hint)$")
"""A text under such a name of the answer itself is read like a message where it says no yes."""

EMPTY_FOR_NOTHING = frozenset({"data", "result", "response"})
"""An empty list under one of these is no list of nobody: some write nothing so."""

TELLS = {Sense.ADDED: Says.YES, Sense.FAILED: Says.NO, Sense.DOUBTFUL: Says.DOUBT, Sense.OPEN: Says.DOUBT}
"""What a name says of whoever only stands below it."""


@dataclass(frozen=True, slots=True)
class Named:
    """Some of ours are named; ``says`` what is said of them there, None where they are only named."""

    who: frozenset[str]
    says: Says | None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """Something is said of all that was asked; None: something that is not understood."""

    says: Says | None


@dataclass(frozen=True, slots=True)
class Counted:
    """So many were added, or failed; not ``is_certain``: below a name that is not known."""

    sense: Sense
    number: int
    is_certain: bool


type Statement = Named | Whole | Counted


class Asked:
    """The contacts that were to be added, found by whatever an answer calls them.

    Args:
        contacts: the phone of each by its id, as it is kept; None where it is not known.
    """

    def __init__(self, contacts: Mapping[str, str | None]) -> None:
        self.ids = frozenset(contacts)
        self._by_name: dict[str, set[str]] = {}
        for contact_id, phone in contacts.items():
            self._by_name.setdefault(shown(contact_id), set()).add(contact_id)
            if phone:
                self._by_name.setdefault("+" + digits_of(phone), set()).add(contact_id)

    def called(self, value: Any) -> frozenset[str]:
        """Return which of them an id or a phone means."""
        if not is_id(value):
            return frozenset()
        by_id = self._by_name.get(str(value))
        return frozenset(by_id or self._by_name.get("+" + digits_of(str(value)), set()))

    def whose(self, part: dict[str, Any]) -> frozenset[str]:
        """Return whom an object is about: by its id, else by its phone, else by those of its contact."""
        for of in (is_of_an_id, is_of_a_phone):
            if who := frozenset().union(*(self.called(value) for key, value in part.items() if of(key))):
                return who
        inner = part.get("contact")
        return self.whose(inner) if isinstance(inner, dict) else frozenset()

    def may_be_a_place(self, key: str) -> bool:
        """Return whether a key may count the contacts from the first on, as that of a row does, and name nobody."""
        number = whole_number(key)
        return number is not None and number <= len(self.ids)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in an answer a part stands.

    Attributes:
        sense: what the names above it say.
        is_whole: whether it speaks for the whole answer, or for the one item that it belongs to.
        number: of the contacts for which it speaks.
    """

    sense: Sense
    is_whole: bool
    number: int

    def below(self, key: str) -> _Place:
        """Return the place of what stands under a name: it speaks for the whole in a wrapper alone."""
        return replace(
            self, sense=_inner(self.sense, sense_of(key)), is_whole=self.is_whole and folded(key) in WRAPPERS
        )


def statements_in(body: Any, asked: Asked) -> list[Statement]:
    """Return all that an answer says of those who were asked for."""
    place = _Place(Sense.NEUTRAL, is_whole=True, number=len(asked.ids))
    if isinstance(body, dict):
        return list(_object(body, place, asked))
    if isinstance(body, list):
        return [*_list(body, place, asked), Whole(None)]
    if isinstance(body, str):
        said = text_says(body[:LONGEST_TEXT], place.number)
        return [Whole(said or Says.DOUBT)] if body.strip() else []
    return [Whole(field_says("ok", body) if isinstance(body, bool) else Says.DOUBT)]


def together(said: set[Says | None]) -> Says | None:
    """Return what several parts say of one contact; where they differ it is a doubt."""
    spoken = said - {None}
    return None if not spoken else spoken.pop() if len(spoken) == 1 else Says.DOUBT


def _object(part: dict[str, Any], place: _Place, asked: Asked) -> Iterator[Statement]:
    who = asked.whose(part)
    inside = replace(place, is_whole=True) if who else place
    found = [one for key, value in part.items() for one in _field(key, value, inside, asked)]
    if who:
        yield Named(who, _of_its_contact(_verdict(found), place.sense), _words(part))
    yield from found if place.is_whole or not who else _names(found)


def _field(key: str, value: Any, place: _Place, asked: Asked) -> Iterator[Statement]:
    if keyed := asked.called(key):
        yield from _keyed(keyed, key, value, place, asked)
    elif isinstance(value, (dict, list)):
        below = place.below(key)
        found = list(_object(value, below, asked) if isinstance(value, dict) else _list(value, below, asked))
        yield from found if below.sense is not Sense.FAILED else (one for one in found if not isinstance(one, Whole))
        if place.is_whole and isinstance(value, list) and REMARKS.search(folded(key).removesuffix("s")):
            yield from _remarks(value, place)
        if not any(_names(found)) and (said := _of_nobody(key, value, place, below.sense)):
            yield said
    elif not (asked.called(value) and (is_of_an_id(key) or is_of_a_phone(key))):  # which name its object's contact
        yield from _scalar(key, value, place, asked)


def _remarks(texts: list[Any], place: _Place) -> Iterator[Whole]:
    """Yield a doubt for each of an answer's remarks in which a bad word stands."""
    for text in texts:
        if isinstance(text, str) and text_says(text[:LONGEST_TEXT], place.number) not in (None, Says.YES):
            yield Whole(Says.DOUBT)


def _of_nobody(key: str, value: Any, place: _Place, sense: Sense) -> Whole | None:
    """Return what a part says in which none of ours is named: whoever it is about may be one of them."""
    if sense is Sense.FAILED and not holds_something(value):
        return None
    if sense is Sense.FAILED:
        return Whole(Says.FAULT if place.is_whole and folded(key) in FAULTS else Says.DOUBT)
    nobody_was = value == [] and sense is Sense.NEUTRAL and folded(key) not in EMPTY_FOR_NOTHING
    none_of_ours = sense is Sense.ADDED and isinstance(value, list)
    if nobody_was or none_of_ours or (sense is Sense.DOUBTFUL and holds_something(value)):
        return Whole(Says.DOUBT)
    return Whole(None)


def _list(items: list[Any], place: _Place, asked: Asked) -> Iterator[Statement]:
    """Yield what the items say of ours; of those that name none of them only whether all of them say yes."""
    nameless: list[set[Says | None]] = []
    for item in items:
        if isinstance(item, dict):
            found = list(_object(item, replace(place, is_whole=True, number=1), asked))
            yield from _names(found)
            if not any(_names(found)):
                yield from (one for one in found if isinstance(one, Counted))
                nameless.append({Says.DOUBT} if place.sense is Sense.FAILED and item else _said(found))
        elif isinstance(item, list):
            yield from _list(item, place, asked)
        elif who := asked.called(item):
            yield Named(who, TELLS.get(place.sense))
        elif isinstance(item, bool):
            nameless.append({field_says("ok", item)})
        elif field_says("status", item) is Says.NO:
            nameless.append({Says.NO})
    if any(said - {Says.YES, None} for said in nameless):
        yield Whole(Says.DOUBT)
    elif nameless and all(Says.YES in said for said in nameless) and len(nameless) >= place.number:
        yield Whole(Says.YES if place.sense is Sense.NEUTRAL else None)


def _scalar(key: str, value: Any, place: _Place, asked: Asked) -> Iterator[Statement]:
    sense = place.below(key).sense
    if (counted := _count(key, value, place)) is not None:
        yield counted
    elif who := _called_in(value, sense, asked):
        yield Named(who, TELLS.get(sense))
    elif said := _says(key, value, place):
        yield Whole(said if place.is_whole else None if said is Says.YES else Says.DOUBT)
    elif sense is not Sense.FAILED or holds_something(value):
        yield Whole(None)


def _count(key: str, value: Any, place: _Place) -> Counted | None:
    """Return a number of those who were added or failed. ``success: 1`` counts nobody: it is a yes."""
    number, name = None if isinstance(value, bool) else whole_number(value), folded(key)
    sense = place.sense if name in ("count", "total") else sense_of(key)
    if number is None or sense not in (Sense.ADDED, Sense.FAILED) or name in FAULTS:
        return None
    if name == "success" and number <= 1:
        return None
    return Counted(sense, number, is_certain=place.sense is not Sense.OPEN)


def _called_in(value: Any, sense: Sense, asked: Asked) -> frozenset[str]:
    """Return those of ours whom a text names, which may be a list of names; a number counts them."""
    if not isinstance(value, str):
        return frozenset()
    if sense not in (Sense.ADDED, Sense.FAILED):
        return asked.called(value)
    names = [value] if asked.called(value) else re.split(r"[,;\s]+", value)
    return frozenset(who for name in names for who in asked.called(name))


def _says(key: str, value: Any, place: _Place) -> Says | None:
    """Return what a field says of what was asked, beyond what it would say in any answer."""
    name, sense = folded(key), sense_of(key)
    if (said := field_says(key, value)) or name in STATES:
        return said
    if isinstance(value, str) and (name in TEXTS or (place.is_whole and (name in KINDS or REMARKS.search(name)))):
        said = text_says(value, place.number)
        return said if said is not Says.YES or name in TEXTS else None
    if _counts_too_few(key, value, place.number) or _casts_a_doubt(key, value, place):
        return Says.DOUBT
    if sense is Sense.ADDED and holds_something(value) is not (value is True):
        return Says.DOUBT
    if sense is Sense.ADDED and value not in (None, ""):
        return Says.YES if value is True else Says.NO
    bad = name in REASONS or sense in (Sense.FAILED, Sense.DOUBTFUL)
    return Says.DOUBT if bad and holds_something(value) else None


def _counts_too_few(key: str, value: Any, number: int) -> bool:
    """Return whether what was done, or a bare count or total, is less often than for all who were asked for."""
    counted = None if isinstance(value, bool) else whole_number(value)
    return counted is not None and counted < number and bool(DONE.fullmatch(folded(key)))


def _casts_a_doubt(key: str, value: Any, place: _Place) -> bool:
    """Return whether a field whose name is not known says that something is not as a yes would have it."""
    name, words = folded(key), words_of(key)
    if words and _is_untrue(value, words):
        denied = (words[-1] in GOOD or words[0] in ("will", "can")) and not NOT.intersection(words)
        return denied or (value is False and place.is_whole and name in WRAPPERS)
    if RESULT_CODE.fullmatch(name):
        return field_says("code", value) in (Says.NO, Says.FAULT)
    tells = name.endswith((*STATES, "campaign")) or (place.is_whole and name in WRAPPERS)
    return tells and isinstance(value, str) and bool(set(words_of(value)) & (FAILED | HALTED | NOT))


def _is_untrue(value: Any, words: tuple[str, ...]) -> bool:
    """Return whether a value is a no to the name that it stands under. A nought may also count, as of calls."""
    if isinstance(value, str) and folded(value) in ("false", "no"):
        return True
    is_asked = words[0] in ("is", "will", "can") or words[-1] == "enabled"
    return value is False or (is_asked and whole_number(value) == 0)


def _keyed(who: frozenset[str], key: str, value: Any, place: _Place, asked: Asked) -> Iterator[Statement]:
    """Yield what stands under the id or the phone of one of ours."""
    if isinstance(value, dict):
        found = list(_object(value, replace(place, is_whole=True, number=1), asked))
        yield from _names(found)
        said = _verdict(found)
    elif isinstance(value, (str, bool, int)):
        said = _verdict([Whole(field_says("ok" if isinstance(value, bool) else "status", value))])
    else:
        said = Says.DOUBT if holds_something(value) else None
    said = _of_its_contact(said, place.sense)
    is_open = asked.may_be_a_place(key) or (place.sense is Sense.FAILED and not holds_something(value))
    yield Named(who, Says.DOUBT if said and is_open else said, _words(value))


def _verdict(found: Iterable[Statement]) -> Says | None:
    """Return what the statements in an object say of the one contact that it is about."""
    said = _said(found) - {None}
    for one in found:
        if isinstance(one, Counted) and one.sense is Sense.ADDED:
            said.add(Says.YES if one.number > 0 else Says.NO)
        elif isinstance(one, Counted) and one.number:
            said.add(Says.NO)
    if said & {Says.NO, Says.FAULT}:
        return Says.DOUBT if Says.YES in said else Says.NO
    return Says.YES if said == {Says.YES} else Says.DOUBT if said else None


def _of_its_contact(own: Says | None, above: Sense) -> Says | None:
    """Return what an object says of its contact, below a name that means this or that."""
    if above is Sense.FAILED:
        return Says.DOUBT if own is Says.YES else Says.NO
    if above is Sense.ADDED:
        return Says.YES if own in (None, Says.YES) else Says.DOUBT
    return own if above is Sense.NEUTRAL else Says.DOUBT


def _inner(above: Sense, own: Sense) -> Sense:
    """Return what a name means below another. What is not known outside is not made certain by what stands inside."""
    if own is Sense.NEUTRAL or above in (Sense.OPEN, Sense.DOUBTFUL):
        return above
    if above is Sense.FAILED:
        return Sense.DOUBTFUL if own is Sense.ADDED else Sense.FAILED
    return own


def _said(found: Iterable[Statement]) -> set[Says | None]:
    return {one.says for one in found if isinstance(one, Whole)}


def _names(found: Iterable[Statement]) -> Iterator[Named]:
    return (one for one in found if isinstance(one, Named))


def _words(value: Any) -> str:
    """Return what stands beside somebody who was not added."""
    words = " ".join(own_texts(value) if isinstance(value, dict) else [value] if isinstance(value, str) else [])
    return one_line(mask(words))
