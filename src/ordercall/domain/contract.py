"""What Kalimera calls what we send, and where its answers hold a contact's id: as we do, or as a file says.

Its API is not public. What we took for its names may be wrong, and is put right without a new version.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ordercall.domain.contact_ids import is_id
from ordercall.domain.outside_json import folded

FIELDS = {
    "contact": ("name", "first_name", "last_name", "phone", "email", "address", "city", "state", "metadata"),
    "metadata": (
        *("call_id", "shopify_id", "order_name", "product_title", "total_price", "currency", "items"),
        *("current_total_price", "total_outstanding", "presentment_currency", "orders"),
    ),
    "campaign": ("agent_id", "sip_list_id", "start_time", "end_time", "timezone"),
    "campaign_contacts": ("campaign_ids", "contact_ids"),
    "look_up": ("phone", "campaign_id"),
}
"""Our names by the part of the file: of the three bodies, of a contact's metadata, and of what a look-up asks for."""

ANSWER, CONTACT_ID = "answer", "contact_id"
"""The part, and the one name in it, that says where the answer to a new contact holds its id: ``data.customer.ref``."""

ID_KEYS = (CONTACT_ID, "contactId", "id", "_id", "uuid", "Id", "ID")
"""Under which an answer may have a contact's id, the most certain first; they are understood without a file."""

MAY_BE_LEFT_OUT = {
    "contact": frozenset(FIELDS["contact"]) - {"phone"},
    "metadata": frozenset(FIELDS["metadata"]),
    "campaign": frozenset({"sip_list_id", "timezone"}),
}
"""An empty name leaves one of these out; without any other somebody else would be rung, at another time, or nobody."""

UNDERSTOOD = ("contact", "phone"), ("campaign", "agent_id"), ("campaign", "end_time")
"""What answers show as well, by the names under which it was sent."""

YES_OR_NO = (
    frozenset({"success", "succeeded", "successful", "issuccess", "ok", "isok"}),
    frozenset({"status", "result", "state", "outcome"}),
    frozenset({"statuscode", "httpstatus", "httpcode", "httpstatuscode", "code"}),
    frozenset({"error", "errors", "err", "errormessage", "errormsg", "errorcode", "haserror", "haserrors", "iserror"})
    | {"exception", "fault"},
    frozenset({"message", "msg", "detail"}),
)
"""By which an answer says whether it is a yes, as :func:`folded` writes them: a truth, a word, a number, a fault or a
sentence. What is sent or looked for under one of them would be read for the verdict, or hide it."""


class ContractFaults(Exception):
    """What is wrong with a file, a sentence each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(" ".join(faults))


@dataclass(frozen=True, slots=True)
class Contract:
    """What Kalimera's names are where they are not ours.

    Attributes:
        file: where they were read; empty where all are ours.
        renamed: their name by our part and name; an empty one is left out.
        id_path: the names of the objects around a new contact's id, the outermost first, and its own; None: wherever it
            stands.
        ours: our name by theirs, of what is understood in an answer.
    """

    file: str = ""
    renamed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    id_path: tuple[str, ...] | None = None
    ours: Mapping[str, str] = field(default_factory=dict)

    @property
    def personal(self) -> frozenset[str]:
        """Their names of what must not be shown."""
        of_a_person = (("contact", name) for name in FIELDS["contact"] if name != "metadata")
        return frozenset(self.renamed.get(name, "") for name in (*of_a_person, ("look_up", "phone"))) - {""}

    def sent(self, part: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Return a payload, or what a look-up asks for, in their names."""
        if not self.renamed:
            return payload
        named = ((self.renamed.get((part, name), name), value) for name, value in payload.items())
        return {name: value for name, value in named if name}

    def heard(self, body: Any) -> Any:
        """Return an answer in which single values stand under our names; an object or a list keeps its own.

        So does an id beside a contact's own: in a list it is that of the row.
        """
        if not self.ours:
            return body
        if isinstance(body, list):
            return [self.heard(item) for item in body]
        if not isinstance(body, dict):
            return body
        theirs = {key for key, value in body.items() if is_id(value) and self._is_theirs(key, body)}
        ours = {self.ours[key]: body[key] for key in theirs}
        return {key: self.heard(value) for key, value in body.items() if key not in theirs} | ours

    def __str__(self) -> str:
        """Return what is not as we took it, such as ``kalimera.toml: contact.phone is msisdn``."""
        said = [f"{part}.{name} is {theirs or 'left out'}" for (part, name), theirs in self.renamed.items()]
        if self.id_path is not None:
            said.append(f"a new contact's id stands at {'.'.join(self.id_path)}")
        names = ", ".join(said) or "our own"
        return f"{self.file}: {names}" if self.file else names

    def _is_theirs(self, key: str, body: Mapping[str, Any]) -> bool:
        return key in self.ours and not (self.ours[key] == CONTACT_ID and is_id(body.get(CONTACT_ID)))


OURS = Contract()


def read_contract(text: str, file: str) -> Contract:
    """Return the contract that a person wrote.

    Raises:
        ContractFaults: a sentence for each part or name that cannot be used, with what to write instead.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ContractFaults([f"it is no TOML: {fault}; mend that line."]) from fault
    except RecursionError as fault:
        raise ContractFaults(["its brackets are nested too deep; write parts and names alone."]) from fault
    faults = [*_strangers(document), *_unusable(document)]
    if faults:
        raise ContractFaults(faults)
    renamed = {
        (part, name): theirs
        for part, names in FIELDS.items()
        for name in names
        if (theirs := document.get(part, {}).get(name, name)) != name
    }
    path = tuple(filter(None, document.get(ANSWER, {}).get(CONTACT_ID, "").split(".")))
    theirs = {key: renamed.get(key, key[1]) for key in UNDERSTOOD}
    if path:
        theirs[ANSWER, CONTACT_ID] = path[-1]
    named = [(name, key[1]) for key, name in theirs.items()]
    if faults := [*_clashes(renamed), *_taken_twice(named), *_misread(theirs)]:
        raise ContractFaults(faults)
    ours = {name: ours for name, ours in named if name != ours and (ours != CONTACT_ID or name not in ID_KEYS)}
    return Contract(file, renamed, path or None, ours)


def _strangers(document: Mapping[str, Any]) -> Iterator[str]:
    """Name what nobody would read: a slip of the pen must not pass for a change."""
    known = {**FIELDS, ANSWER: (CONTACT_ID,)}
    for part, names in document.items():
        if part not in known:
            yield f"there is no part [{part}]; write one of {', '.join(f'[{each}]' for each in known)}."
        elif not isinstance(names, Mapping):
            yield f"{part} is the name of a part; write [{part}] in a line of its own."
        else:
            for name in names.keys() - set(known[part]):
                yield f"[{part}] {name} is no field of ours; write one of {', '.join(known[part])}."


def _unusable(document: Mapping[str, Any]) -> Iterator[str]:
    """Name what cannot be a name, or a path of names."""
    for part, names in document.items():
        for name, theirs in names.items() if isinstance(names, Mapping) else ():
            where, is_path = f"[{part}] {name}", part == ANSWER
            if not isinstance(theirs, str):
                yield f'{where} must be a text in quotes, such as {name} = "{name}".'
            elif not theirs and name not in MAY_BE_LEFT_OUT.get(part, ()) and not is_path:
                yield f"{where} cannot be left out; give it a name, or remove the line."
            elif not theirs.isprintable() or theirs != theirs.strip():
                yield f"{where} begins or ends with a space, or holds what cannot be printed; write the name alone."
            elif is_path and theirs and not all(theirs.split(".")):
                yield f'{where} must be names with single dots between them, such as "data.customer.ref".'


def _clashes(renamed: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """Name what would stand in the place of something else."""
    for part, names in FIELDS.items():
        theirs = [(renamed.get((part, name), name), name) for name in names]
        yield from (f"[{part}] {fault}" for fault in _taken_twice(theirs))


def _misread(theirs: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """Name what would stand in answers where these say yes or no, or hold the id of a contact."""
    for (part, name), there in theirs.items():
        is_verdict = any(folded(there) in names for names in YES_OR_NO)
        if is_verdict or (name != CONTACT_ID and there in ID_KEYS):
            means = "say yes or no" if is_verdict else "hold a contact's id"
            yield (
                f'[{part}] {name} cannot be "{there}": under that name answers {means}. Look again what Kalimera calls'
                " it, or remove the line."
            )


def _taken_twice(theirs: list[tuple[str, str]]) -> Iterator[str]:
    for name, times in Counter(name for name, _ in theirs if name).items():
        if times > 1:
            both = " and ".join(ours for each, ours in theirs if each == name)
            yield f'{both} are both called "{name}"; give each a name of its own.'
