"""In which country a number is dialled that stands without its country's code: by what its address says."""

from __future__ import annotations

import unicodedata
from functools import cache

from babel import Locale
from babel.core import get_global
from phonenumbers import SUPPORTED_REGIONS, UNKNOWN_REGION

from ordercall.domain.places.provinces import is_india

HOME_REGION = "IN"

NAMED_IN = ("en", "hi", "gu")
"""The languages in which our customers write their country's name."""

ALSO_NAMED = {
    "UAE": "AE",
    "KSA": "SA",
    "America": "US",
    "United States of America": "US",
    "England": "GB",
    "Great Britain": "GB",
}
"""What people write, and neither ISO 3166 nor the Unicode consortium's tables hold."""


def region_of(country: str | None) -> str:
    """Return the ISO code of a country that an address names by a code or a name; India where it names none.

    A country that nobody knows is not India: its code is ``UNKNOWN_REGION``.
    """
    if not country or country == HOME_REGION:
        return HOME_REGION
    name = _spelling(country)
    return _regions().get(name) or (HOME_REGION if not name or is_india(country) else UNKNOWN_REGION)


def _spelling(name: str) -> str:
    """Return a name without blanks, dots and case; the vowels of India's scripts are no letters, yet they count."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in plain if sign.isalnum() or unicodedata.category(sign).startswith("M"))


@cache
def _regions() -> dict[str, str]:
    """Return the code of each country by its names and codes, as :func:`_spelling` makes them."""
    codes = {name: regions[0] for name, regions in get_global("territory_aliases").items() if len(regions) == 1}
    names = {name: code for each in NAMED_IN for code, name in Locale(each).territories.items()}
    known = codes | names | ALSO_NAMED
    spellings = {_spelling(name): code for name, code in known.items() if code in SUPPORTED_REGIONS}
    return spellings | {code.casefold(): code for code in SUPPORTED_REGIONS}
