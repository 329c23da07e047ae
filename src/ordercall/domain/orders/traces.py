"""By what a person is found in texts: their phone in any spelling, e-mail, whole name, the lines of their address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote_plus

SHORTEST_LINE = 6
"""Characters of a line of an address; a shorter one, such as a house's number, is many people's."""
SHORTEST_PART = 3
"""Characters of a single name, a town or a PIN code, looked for in texts about their own order only."""
NATIONAL_DIGITS = 10
"""The last digits of a phone, by which it is known with and without the code of its country."""

_DIGITS = re.compile(r"\d(?:[\s().+-]{0,3}\d){6,39}")
"""What may be a phone, however it is grouped."""
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True, slots=True, repr=False)
class Traces:
    """What one erasure looks for. It has no repr: that would tell whom.

    Attributes:
        phones: their last digits.
        lines: e-mails, whole names and lines of addresses, in small letters.
        parts: single names, towns and PIN codes, in small letters.
    """

    phones: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        *,
        phones: Iterable[str | None] = (),
        names: Iterable[tuple[str | None, str | None]] = (),
        lines: Iterable[str | None] = (),
        parts: Iterable[str | None] = (),
    ) -> Traces:
        """Return the traces of somebody.

        Args:
            names: first and last names; a whole one is found with and without a space between them.
            lines: e-mails and lines of addresses.
            parts: towns and PIN codes.
        """
        names = list(names)
        whole = [f"{first}{between}{last}" for first, last in names if first and last for between in (" ", "")]
        single = [part for name in names for part in name]
        return cls(
            frozenset(_digits(phone)[-NATIONAL_DIGITS:] for phone in phones if phone),
            frozenset(line.strip().lower() for line in (*lines, *whole) if line and len(line.strip()) >= SHORTEST_LINE),
            frozenset(part.strip().lower() for part in (*parts, *single) if part and len(part) >= SHORTEST_PART),
        )

    @classmethod
    def of_all(cls, each: Iterable[Traces]) -> Traces:
        """Return the traces of several people together."""
        some = list(each)
        return cls(
            frozenset().union(*(one.phones for one in some)),
            frozenset().union(*(one.lines for one in some)),
            frozenset().union(*(one.parts for one in some)),
        )

    def __or__(self, other: Traces) -> Traces:
        return Traces.of_all((self, other))

    def __bool__(self) -> bool:
        return bool(self.phones or self.lines or self.parts)

    def are_in(self, text: str | bytes) -> bool:
        """Return whether a text names the person beyond doubt."""
        return any(self._named_in(reading) for reading in _readings(text))

    def are_touched_in(self, text: str | bytes) -> bool:
        """As :meth:`are_in`, for a text about their own order, in which a single name is theirs."""
        return any(self._named_in(one) or any(part in one for part in self.parts) for one in _readings(text))

    def spellings_in(self, text: str | bytes) -> set[str]:
        """Return how the phones are written in a text."""
        found = _DIGITS.finditer(_read(text))
        return {match[0] for match in found if any(phone in _digits(match[0]) for phone in self.phones)}

    def _named_in(self, text: str) -> bool:
        if any(line in text for line in self.lines):
            return True
        return bool(self.phones) and any(
            phone in digits for digits in map(_digits, _DIGITS.findall(text)) for phone in self.phones
        )


def _read(text: str | bytes) -> str:
    if isinstance(text, str):
        return text
    is_wide = text[:2] in (b"\xff\xfe", b"\xfe\xff")
    return text.decode("utf-16" if is_wide else "utf-8", "replace")


def _readings(text: str | bytes) -> Iterator[str]:
    """Yield a text as it is, without the escapes of JSON, and without those of an address of the web."""
    read = _read(text)
    yield read.lower()
    if "\\u" in read:
        yield _ESCAPED.sub(lambda match: chr(int(match[1], 16)), read).lower()
    if "%" in read or "+" in read:
        yield unquote_plus(read).lower()


def _digits(text: str) -> str:
    return "".join(str(unicodedata.digit(each, "")) for each in text if each.isdigit())
