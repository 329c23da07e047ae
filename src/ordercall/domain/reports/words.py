"""From the words of any platform to the normal form: by rules that a person taught, never by a guess.

A rule says what one word at one path means. A word at a path that has rules, and has none itself, waits in a queue.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from ordercall.domain.characters import is_like
from ordercall.domain.outside_json import RepeatedKey, read_json, refuse_deep_nesting, with_repeated_keys
from ordercall.domain.reports.report import Unread, plain_word, shown

MOST_VALUES = 5_000
"""Of one body, a long transcript among them; what comes after this number is not looked at."""

ANY = "*"


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """What a word means.

    Attributes:
        path: the keys that lead to it, with dots between them; ``*`` for a key of any name.
        word: as it comes, in any case; ``*`` at its end, or alone, stands for any text.
        key: of the normal form; empty where the word means nothing.
        value: of that key; None: the word itself, as it came.
    """

    path: str
    word: str
    key: str
    value: str | None = None

    @property
    def in_words(self) -> str:
        """What the word means, for a person."""
        return f"{self.key} {'as it comes' if self.value is None else self.value}" if self.key else "nothing"

    def is_about_the_word_of(self, other: Rule) -> bool:
        """Whether both say what the same word at the same path means."""
        return self.path == other.path and plain_word(self.word) == plain_word(other.word)

    def rank(self, word: str) -> int:
        """Return how closely the rule is about a word: 2 it alone, 1 a pattern, 0 any word, -1 not at all."""
        if self.word == ANY:
            return 0
        plain = plain_word(self.word)
        return 2 if plain == word else 1 if is_like(word, plain) else -1


class Rules:
    """All rules of a shop."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._by_path: dict[str, list[Rule]] = defaultdict(list)
        for rule in rules:
            self._by_path[rule.path].append(rule)
        self._patterns = [path for path in self._by_path if ANY in path.split(".")]

    def at(self, path: tuple[str, ...]) -> list[Rule]:
        """Return the rules about what stands at a path."""
        found = list(self._by_path.get(".".join(path), ()))
        return found + [rule for pattern in self._patterns if _leads(pattern, path) for rule in self._by_path[pattern]]


def read_keys(body: bytes) -> dict[str, Any] | None:
    """Return what a body says under which keys, or None for one that is no JSON with keys."""
    try:
        keys = read_json(body, pairs=with_repeated_keys)
    except ValueError:
        return None
    return keys if isinstance(keys, dict) else None


def reports_in(body: bytes) -> list[bytes]:
    """Return the reports of a body, each as it came: those of an array of objects, else the body as the only one."""
    try:
        refuse_deep_nesting(body)
        found = msgspec.json.decode(body.removeprefix(BOM_UTF8), type=list[msgspec.Raw])
    except ValueError:
        return [body]
    pieces = [bytes(piece) for piece in found]
    return pieces if pieces and all(piece.startswith(b"{") for piece in pieces) else [body]


def to_normal_form(
    body: Mapping[str, Any], rules: Rules, keys: Collection[str]
) -> tuple[dict[str, Any], tuple[Unread, ...]]:
    """Return the keys of the normal form that a body has or that its words mean, and the words that are not known.

    Where two words mean different things for one key, neither is believed; ``final`` is only what nobody denies.
    """
    found = _Found()
    for path, value in _walk(body):
        about, own = rules.at(path), len(path) == 1 and path[0] in keys
        if not about:
            if own:
                found.put(path[0], value, path, value)
            continue
        chosen = _closest(about, value)
        for rule in chosen:
            found.put(rule.key, value if rule.value is None else rule.value, path, value)
        if not chosen and own:
            found.put(path[0], value, path, value)
        elif not chosen and value not in (None, "") and not isinstance(value, (dict, list)):
            found.unread.append(Unread(".".join(path), shown(value)))
    return found.keys, tuple(found.unread)


class _Found:
    def __init__(self) -> None:
        self.keys: dict[str, Any] = {}
        self.unread: list[Unread] = []

    def put(self, key: str, value: Any, path: tuple[str, ...], came: Any) -> None:
        before = self.keys.setdefault(key, value) if key and value is not None else value
        if key == "final" and "false" in (shown(before), shown(value)):
            self.keys[key] = False
        elif before != value and plain_word(shown(before)) != plain_word(shown(value)):
            self.unread.append(Unread(".".join(path), shown(came)))


def _closest(rules: list[Rule], value: Any) -> list[Rule]:
    """Return the rules that are most closely about a value; an object or a list can only be taken as it came."""
    if isinstance(value, (dict, list)):
        return [rule for rule in rules if rule.word == ANY and rule.value is None]
    word = plain_word(shown(value))
    ranks = {rule: rule.rank(word) for rule in rules if value is not None or rule.word != ANY}
    best = max(ranks.values(), default=-1)
    return [rule for rule, rank in ranks.items() if rank == best >= 0]


def _leads(pattern: str, path: tuple[str, ...]) -> bool:
    steps = pattern.split(".")
    return len(steps) == len(path) and all(step in (ANY, key) for step, key in zip(steps, path, strict=True))


def _walk(body: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every value of a body with its path, up to a limit; an item's key in a list is its number."""
    open_ones = [_inside((), body)]
    for _ in range(MOST_VALUES):
        while open_ones and (found := next(open_ones[-1], None)) is None:
            open_ones.pop()
        if not open_ones or found is None:
            return
        yield found
        open_ones.append(_inside(*found))


def _inside(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield what stands directly in a value. What a key says twice stands at one path, so that it contradicts."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        for one in each if isinstance(each, RepeatedKey) else (each,):
            yield (*path, str(key)), one
