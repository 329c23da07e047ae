"""What an answer of Kalimera holds that nothing here reads: where the API says more than we took it for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from ordercall.domain.contract import FIELDS, ID_KEYS
from ordercall.domain.outside_json import folded
from ordercall.providers.kalimera import verdicts
from ordercall.providers.kalimera.campaigns import AGENTS, ENDS
from ordercall.providers.kalimera.contacts import ATTRIBUTES, LIST_KEYS, PHONE_KEYS
from ordercall.providers.kalimera.names import Sense, sense_of
from ordercall.providers.kalimera.paging import MORE, PAGE_SIZE, PAGES, THIS_PAGE, TOTAL

MOST = 20
"""Names that are told: who reads them wants to see what is there, not all of a long list."""

_OURS = {name for names in FIELDS.values() for name in names}
_READ = (
    frozenset(
        map(folded, (*_OURS, *ID_KEYS, *LIST_KEYS, *verdicts.WRAPPERS, *verdicts.SPEAKING_KEYS, ATTRIBUTES, "ids"))
    )
    | {*PHONE_KEYS, *AGENTS, *ENDS, *verdicts.FLAGS, *verdicts.STATES, *verdicts.CODES, *verdicts.FAULTS}
    | {name.replace("end", "start") for name in ENDS}
    | THIS_PAGE
)


def strangers(body: Any, known: Collection[str] = (), *, of_addition: bool = False) -> list[str]:
    """Return where something stands under a name that is not read, such as ``data.dnd``.

    Args:
        known: their names of what we send.
        of_addition: it says who was put on a list, where every word is read that means "added" or "failed".
    """
    known = frozenset(map(folded, known))

    def is_read(key: str) -> bool:
        return _is_read(folded(key), known) or (of_addition and sense_of(key) is not Sense.OPEN)

    return list(dict.fromkeys(_paths(body, is_read)))[:MOST]


def _paths(part: Any, is_read: Callable[[str], bool], above: str = "") -> Iterator[str]:
    if isinstance(part, list):
        for item in part:
            yield from _paths(item, is_read, above)
    elif isinstance(part, dict):
        for key, value in part.items():
            path = f"{above}.{key}" if above else key
            if not is_read(key):
                yield path
            elif isinstance(value, (dict, list)):
                yield from _paths(value, is_read, path)


def _is_read(name: str, known: Collection[str]) -> bool:
    return name in _READ or name in known or any(names.search(name) for names in (MORE, PAGES, PAGE_SIZE, TOTAL))
