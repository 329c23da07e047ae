"""Which state of India an address names: by its code, else by its name in any language and spelling, else none.

A wrong language is worse than the usual one: what could be two places, or another country's, is none.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from functools import cache, lru_cache

from babel import Locale

from ordercall.domain.places.states_of_india import NAMES, SAME_CODE

INDIA_NAMED = frozenset(
    {
        *("in", "ind", "india", "bharat", "bharath", "hindustan", "hindusthan", "hind", "inde", "indien"),
        *("भारत", "इंडिया", "इण्डिया", "हिंदुस्तान", "हिन्दुस्तान", "ભારત", "ઇન્ડિયા", "ઈન્ડિયા", "ভারত", "ভাৰত", "ਭਾਰਤ", "ଭାରତ"),
        *("இந்தியா", "భారతదేశం", "భారత్", "ಭಾರತ", "ഇന്ത്യ", "ഭാരതം", "بھارت", "ہندوستان"),
    }
)

SURE_LENGTH = 8
"""Letters of a name that is known although one is wrong. Of seven, Manikpur would be Manipur; Chandgad, Chandigarh."""

SURE_LIKENESS = 0.9
"""What is less alike differs in more than a letter, or in one of a short name."""

SHORTEST_TOWN, SHORTEST_BEHIND = 5, 6
"""Letters of a town and of the state behind it: "Not Gujarat" is none, and Hajdú-Bihar lies in Hungary."""

KNOWN = 4096
"""Places whose reading is kept: all spellings that a shop meets in a month."""


@lru_cache(maxsize=KNOWN)
def is_india(country: str | None) -> bool:
    """Return whether an address is in India: by the code or name of its country, or because it names none."""
    words = _letters(country or "").split()
    return not (country or "").strip() or (not _INDIA.isdisjoint(words) and _AROUND.issuperset(words))


@lru_cache(maxsize=KNOWN)
def indian_province(state: str | None, province_code: str | None, country: str | None) -> str | None:
    """Return the code of the Indian province that an order ships to; None: another country, or not known.

    Args:
        state: its name, in any language, alone or as a part of a line such as "Surat, Gujarat, India".
        province_code: its code in its country, which decides where it is one.
        country: the ISO code or name of the country; none is India.
    """
    if not is_india(country):
        return None
    return (
        same_code(province_code or "") or same_code(state or "") or _named(state or "") or _named(province_code or "")
    )


def same_code(code: str) -> str | None:
    """Return the code that is used here for a province of India that has several; None: it is none's."""
    plain = re.sub(r"[\s.&]", "", re.sub(r"^\s*IN[-_ ]", "", code.upper()))
    plain = SAME_CODE.get(plain, plain)
    return plain if plain in NAMES else None


def _named(line: str) -> str | None:
    """Return the province that a line names, if that is the one place that it names."""
    parts = [part for part in re.split(r"[,;/|()\[\]\n]|\s[-–—]\s", line) if _spelling(part)]
    if len(parts) == 1 and (code := same_code(parts[0])):
        return code
    places = {place for part in parts if (place := _place(_spelling(part)) or _behind_its_town(_words(part)))}
    return places.pop() if len(places) == 1 and places <= NAMES.keys() else None


def _place(spelling: str) -> str | None:
    if spelling in _countries():
        return spelling
    return _BY_SPELLING.get(spelling) or _BY_SOUND.get(sound := _sound(spelling)) or _nearest(sound)


def _behind_its_town(words: list[str]) -> str | None:
    """Return the state of a line such as "Ahmedabad Gujarat", in which one word stands before its name in full."""
    town, state = words[0] if words else "", "".join(words[1:])
    is_town = len(town) >= SHORTEST_TOWN and town not in _NO_TOWN and not _place(town)
    code = _BY_SPELLING.get(state) if is_town and len(state) >= SHORTEST_BEHIND else None
    return None if code in _ALSO_ABROAD else code


def _nearest(sound: str) -> str | None:
    """Return the one province whose name is a letter off, and not the first one: East Bengal is not the West."""
    if len(sound) < SURE_LENGTH:
        return None
    close = get_close_matches(sound, _LONG, n=5, cutoff=SURE_LIKENESS)
    codes = {_BY_SOUND[name] for name in close if name[0] == sound[0]}
    return codes.pop() if len(codes) == 1 else None


def _spelling(name: str) -> str:
    return "".join(_words(name))


def _words(name: str) -> list[str]:
    """Return a name without what people write differently: case, accents, punctuation, "state of" and the country."""
    words = [word for word in _letters(name).split() if word not in _AND]
    while words and words[0] in _AROUND:
        del words[0]
    while words and words[-1] in _AROUND:
        del words[-1]
    return words


def _letters(text: str) -> str:
    """Return a text in lower case with its letters, the vowel signs of Indian scripts and blanks, and nothing else."""
    plain = unicodedata.normalize("NFKD", re.sub(r"(?<=\w\w\w)\.|[-–—:_]", " ", text)).casefold()
    return "".join(sign for sign in plain if sign.isalpha() or sign.isspace() or _is_vowel_sign(sign))


def _is_vowel_sign(sign: str) -> bool:
    """Return whether it is one, or a virama; accents, dots below and the marks of Arabic have other classes."""
    return unicodedata.category(sign) in ("Mn", "Mc") and unicodedata.combining(sign) in (0, 9)


def _sound(spelling: str) -> str:
    """Return how a name sounds in India: "Gujarath", "Hariyana" and "Westbengaal" are written as they are heard."""
    for pattern, heard in _HEARD:
        spelling = pattern.sub(heard, spelling)
    return spelling


@cache
def _countries() -> frozenset[str]:
    """Return the names of all countries but India, as they are spelt here."""
    territories = Locale("en").territories
    return frozenset(_spelling(name) for code, name in territories.items() if code.isalpha() and code != "IN") - {""}


_NO_TOWN = frozenset({"outside", "except", "excluding", "beyond", "other", "leaving", "opposite", "nearby"})

_ALSO_ABROAD = frozenset({"PB", "WB", "JK"})
"""States whose name is one of another country too: Lahore lies in Punjab, Dhaka in Bengal."""

_AND = {"and", "aur", *map(_letters, ("और", "एवं", "व", "અને", "ও", "و"))}

_INDIA = frozenset(map(_letters, INDIA_NAMED))

_AROUND = _INDIA.union(
    ("state", "states", "of", "the", "ut", "union", "territory", "province", "region", "govt", "republic", "rajya"),
    map(_letters, ("राज्य", "गणराज्य", "રાજ્ય", "রাজ্য", "ਰਾਜ", "ରାଜ୍ୟ", "ರಾಜ್ಯ", "రాష్ట్రం", "സംസ്ഥാനം", "மாநிலம்")),
)
"""Words before and behind the name of a state or of India."""

_HEARD = [
    (re.compile(pattern), heard)
    for pattern, heard in (
        (r"(?<=[bcdgjkprst])h+", ""),
        *((r"ee", "i"), (r"oo", "u"), (r"w", "v"), (r"z", "j"), (r"y", "i"), (r"ck", "k")),
        (r"([a-z])\1+", r"\1"),
    )
]

_IN_GUJARATI = {sign: sign + 0x180 for sign in range(0x900, 0x965)}
"""Unicode orders the letters of both scripts alike, and most names are written with the same ones."""

_WRITTEN = {_spelling(name): code for code, names in NAMES.items() for name in names}

_BY_SPELLING = {spelling.translate(_IN_GUJARATI): code for spelling, code in _WRITTEN.items()} | _WRITTEN

_BY_SOUND = {sound: code for spelling, code in _BY_SPELLING.items() if len(sound := _sound(spelling)) >= 5}
"""Those of at least five letters: a shorter name that only sounds alike is soon another."""

_LONG = [name for name in _BY_SOUND if len(name) >= SURE_LENGTH]
