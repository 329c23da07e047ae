"""Whether an answer to the update of a campaign is a no, whatever its HTTP status says.

Nobody is added to a campaign that may ring with another agent, or at another time, so more is heard as a no here than
where some of many contacts may have been added: there a doubt is a person's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ordercall.domain.outside_json import folded
from ordercall.providers.kalimera.names import FAILED, NOT, whole_number, words_of
from ordercall.providers.kalimera.verdicts import (
    FAULTS,
    LONGEST_TEXT,
    STATES,
    TEXTS,
    WRAPPERS,
    Says,
    field_says,
    holds_something,
    says_no,
)

_WRAPPERS = frozenset({*WRAPPERS, "meta", "head", "header", "results", "responses", "items", "campaign", "campaigns"})
_IDS = frozenset({"id", "uuid", "campaignid", "campaignuuid"})

_DONE = re.compile(
    r"(?:is|was|campaign)?(?:updated|saved|stored|applied|accepted|acknowledged|processed|found|matched|valid"
    r"|authori[sz]ed|authenticated|allowed|permitted)"
)
"""What a campaign that was set has become. False under such a name is a no; a zero is one of what was looked for alone,
as some count what was changed, and nothing is where the same was sent before."""

_SOUGHT = re.compile(r"(?:is|was|campaign)?(?:found|matched)(?:count)?")
_CODE = re.compile(r"(?:api|http)?(?:response|return|ret|result|res)code|ret|rc")
_ERROR_CODE = re.compile(r"err(?:or)?(?:code|no|num|number)")
_FAULT = re.compile(
    r"err(?:or)?(?:msg|message|text|string|type|name|details?|desc|description|info|list|reason)"
    r"|(?:validation|field|form)?(?:errors?|failures?|problems?|violations?)|failed|failurereason|rejected|denied|invalid"
    r"|fault(?:code|string|message)|exception(?:message|type)?|rejectionreason"
)
_TEXT = TEXTS | {"statustext", "statusmessage", "statusdescription", "responsemessage", "resultmessage"}
_KIND = frozenset({"type", "kind", "level", "severity"})

_SAME_AS_BEFORE = re.compile(
    r"\bno (?:changes?|updates?|difference)\b|\bnothing\b|\bnot (?:modified|changed)\b|\bunchanged\b|\bup.to.date\b",
    re.IGNORECASE,
)
_NOT_DONE = re.compile(
    r"\b(?:not|never|cannot|unable to|\w+n['’]t)(?: be| been| have| a| an)? ?"
    r"(?:updated?|saved?|found|set|changed|applied|allowed|permitted|exist|accept(?:ed)?|valid|authori[sz]ed"
    r"|authenticated|configured|reachable|available|processed?|possible|successful|ok|owner|yours?)\b"
    r"|\bno (?:such|campaign|agent)\b|\bwent wrong\b|\bunauthenticated\b|\bunavailable\b|\btry again\b|\btime[d ]?out\b"
    r"|\bexpired\b|\bexceeded\b|\bunexpected\b",
    re.IGNORECASE,
)
_FAULTLESS = re.compile(
    r"\b(?:no|0|zero|without(?: any)?) (?:\w+ )?(?:errors?|failures?|problems?|faults?)\b|\berror-free\b", re.IGNORECASE
)
_IS_SET = re.compile(r"\b(?:updated|saved|success(?:fully)?|accepted|applied|done|ok)\b", re.IGNORECASE)


def says_it_was_not_set(body: Any, campaign_id: str) -> bool:
    """Return whether an answer of the 200 series to the update of a campaign holds a no."""
    if isinstance(body, str):
        return says_no(body) or _is_bad_text(body) or field_says("status", body) is Says.NO
    return body is False or says_no(body) or _refuses(body, campaign_id)


def _refuses(part: Any, campaign_id: str) -> bool:
    """Return whether one of the objects of an answer is a no. A yes around it is only that of the envelope."""
    if isinstance(part, list):
        return any(item is False or _refuses(item, campaign_id) for item in part)
    if not isinstance(part, dict) or _is_of_another(part, campaign_id):
        return False
    said = set(_verdicts(part))
    if Says.NO in said or (Says.FAULT in said and Says.YES not in said):
        return True
    return any(_refuses(value, campaign_id) for key, value in part.items() if folded(key) in _WRAPPERS)


def _is_of_another(part: dict[str, Any], campaign_id: str) -> bool:
    ids = {str(value) for key, value in part.items() if folded(key) in _IDS and value}
    shows_a_campaign = any(folded(key) in ("agentid", "name", "campaignid") for key in part)
    return bool(ids) and shows_a_campaign and campaign_id not in ids


def _verdicts(part: dict[str, Any]) -> Iterator[Says]:
    for key, value in part.items():
        if said := field_says(key, value) or _says(folded(key), value):
            yield said if said is not Says.DOUBT or not _is_bad_state(folded(key), value) else Says.FAULT


def _says(name: str, value: Any) -> Says | None:
    """Return what a field says beyond what it would say in any answer."""
    if _DONE.fullmatch(name) and (value is False or folded(value) in ("false", "no")):
        return Says.NO
    if _SOUGHT.fullmatch(name) and whole_number(value) == 0:
        return Says.NO
    if _CODE.fullmatch(name):
        return field_says("code", value)
    if _ERROR_CODE.fullmatch(name):
        return Says.FAULT if holds_something(value) else None
    if name in FAULTS:
        return Says.FAULT if _says_a_bare_no(value) else None
    if _FAULT.fullmatch(name) and _tells_of_a_fault(value):
        return Says.FAULT
    if name in _KIND and isinstance(value, str) and set(words_of(value)) & FAILED:
        return Says.FAULT
    return Says.FAULT if name in _TEXT and isinstance(value, str) and _is_bad_text(value) else None


def _tells_of_a_fault(value: Any) -> bool:
    """Return whether something is told of a fault; a number counts calls that failed."""
    return whole_number(value) is None and holds_something(value)


def _says_a_bare_no(value: Any) -> bool:
    """Return whether the message of a fault is "no", where the fault itself may be "no" because there is none."""
    if isinstance(value, list):
        return any(map(_says_a_bare_no, value))
    return isinstance(value, dict) and any(
        folded(key) in _TEXT and folded(text) in ("no", "false", "0") for key, text in value.items()
    )


def _is_bad_state(name: str, value: Any) -> bool:
    words = set(words_of(value)) if isinstance(value, str) else set()
    return (
        name in STATES and bool(words & (FAILED | NOT | {"ng", "err"})) and not _SAME_AS_BEFORE.search(_spaced(value))
    )


def _is_bad_text(text: str) -> bool:
    text = _FAULTLESS.sub(" ", text[:LONGEST_TEXT])
    if _NOT_DONE.search(text):
        return not _SAME_AS_BEFORE.search(text)
    return bool(set(words_of(text)) & FAILED) and not (_IS_SET.search(text) or _SAME_AS_BEFORE.search(text))


def _spaced(text: str) -> str:
    return re.sub(r"[_-]", " ", text)
