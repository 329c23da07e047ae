"""The names under which a province stands in an address: any language, any spelling."""

from __future__ import annotations

import re
import unicodedata

INDIA_NAMED = frozenset({"in", "ind", "india", "bharat", "भारत", "ભારત"})


def names_gujarat(name: str | None) -> bool:
    """Return whether *name* is Gujarat's, alone or as a part of a line such as "Gujarat, India"."""
    return any(_spelling(part) in _GUJARAT for part in re.split(r"[,;/|()]", name or ""))


def _spelling(name: str) -> str:
    """Return a name without what people write differently: case, accents, vowel marks, punctuation and the country."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(sign for sign in plain if sign.isalpha() or sign.isspace())
    words = letters.split()
    return "".join(words[:-1] if len(words) > 1 and words[-1] in _INDIA else words)


def indian_province(state: str | None, province_code: str | None, country: str | None) -> str | None:
    """Return the code of the Indian province that an order ships to: its code decides before its name.

    Args:
        state: the name of the province, in English or as in :func:`names_gujarat`.
    """
    if (country or "IN").strip().casefold() not in INDIA_NAMED:
        return None
    code = (province_code or "").strip().upper().removeprefix("IN-")
    if len(code) == 2 and code.isalpha():
        return _SAME.get(code, code)
    if names_gujarat(state):
        return "GJ"
    spellings = (_spelling(part) for part in re.split(r"[,;/|()]", state or ""))
    return next((_CODES[spelling] for spelling in spellings if spelling in _CODES), None)


_SAME = {"CT": "CG", "OD": "OR", "TG": "TS", "UK": "UT", "DN": "DH", "DD": "DH"}
"""Codes of before, and of ISO 3166 where Shopify has another."""

_INDIA = {"".join(filter(str.isalpha, unicodedata.normalize("NFKD", name))) for name in INDIA_NAMED}

_GUJARAT = frozenset(
    map(
        _spelling,
        (
            *("Gujarat", "GJ", "Gujrat"),  # the description's
            *("Guj", "Gujarath", "Gujrath", "Gujaraat", "Gujraat", "Gujurat", "Gujerat", "Gujarāta", "Goudjerate"),
            *("ગુજરાત", "गुजरात", "গুজরাট", "ਗੁਜਰਾਤ", "ଗୁଜରାଟ", "குஜராத்", "గుజరాత్", "ಗುಜರಾತ್", "ഗുജറാത്ത്", "گجرات"),
        ),
    )
)

_HINDI, _NONE = ("hi",), ()

SPOKEN: dict[str, tuple[str, ...]] = {
    "AN": _HINDI,
    "AP": ("te",),
    "AR": _HINDI,
    "AS": ("as", "bn", "hi"),
    "BR": _HINDI,
    "CG": _HINDI,
    "CH": _HINDI,
    "DH": ("gu", "hi"),
    "DL": _HINDI,
    "GA": ("mr", "hi"),
    "GJ": ("gu", "hi"),
    "HP": _HINDI,
    "HR": _HINDI,
    "JH": _HINDI,
    "JK": ("ur", "hi"),
    "KA": ("kn",),
    "KL": ("ml",),
    "LA": ("ur", "hi"),
    "LD": ("ml",),
    "MH": ("mr", "hi"),
    "ML": _NONE,
    "MN": _NONE,
    "MP": _HINDI,
    "MZ": _NONE,
    "NL": _NONE,
    "OR": ("or", "hi"),
    "PB": ("pa", "hi"),
    "PY": ("ta",),
    "RJ": _HINDI,
    "SK": ("hi",),
    "TN": ("ta",),
    "TR": ("bn", "hi"),
    "TS": ("te",),
    "UP": _HINDI,
    "UT": _HINDI,
    "WB": ("bn", "hi"),
}
"""By the code of each state and territory of India, what is spoken there, the best language for a call first. Hindi
follows where most people understand it; where neither stands, English does better."""

NAMES: dict[str, tuple[str, ...]] = {
    "AN": ("Andaman and Nicobar Islands", "Andaman and Nicobar"),
    "AP": ("Andhra Pradesh",),
    "AR": ("Arunachal Pradesh",),
    "AS": ("Assam",),
    "BR": ("Bihar",),
    "CG": ("Chhattisgarh", "Chattisgarh"),
    "CH": ("Chandigarh",),
    "DH": ("Dadra and Nagar Haveli and Daman and Diu", "Dadra and Nagar Haveli", "Daman and Diu"),
    "DL": ("Delhi", "New Delhi", "NCT of Delhi"),
    "GA": ("Goa",),
    "GJ": ("Gujarat",),
    "HP": ("Himachal Pradesh",),
    "HR": ("Haryana",),
    "JH": ("Jharkhand",),
    "JK": ("Jammu and Kashmir", "Jammu & Kashmir"),
    "KA": ("Karnataka", "ಕರ್ನಾಟಕ"),
    "KL": ("Kerala", "കേരളം"),
    "LA": ("Ladakh",),
    "LD": ("Lakshadweep",),
    "MH": ("Maharashtra", "महाराष्ट्र", "મહારાષ્ટ્ર"),
    "ML": ("Meghalaya",),
    "MN": ("Manipur",),
    "MP": ("Madhya Pradesh", "मध्य प्रदेश"),
    "MZ": ("Mizoram",),
    "NL": ("Nagaland",),
    "OR": ("Odisha", "Orissa", "ଓଡ଼ିଶା"),
    "PB": ("Punjab", "ਪੰਜਾਬ"),
    "PY": ("Puducherry", "Pondicherry"),
    "RJ": ("Rajasthan", "राजस्थान"),
    "SK": ("Sikkim",),
    "TN": ("Tamil Nadu", "Tamilnadu", "தமிழ்நாடு"),
    "TR": ("Tripura",),
    "TS": ("Telangana", "తెలంగాణ"),
    "UP": ("Uttar Pradesh", "उत्तर प्रदेश"),
    "UT": ("Uttarakhand", "Uttaranchal"),
    "WB": ("West Bengal", "পশ্চিমবঙ্গ"),
}
"""By the code of each state and territory of India, its names, the usual one first. Gujarat's others stand above."""

_CODES = {_spelling(name): code for code, names in NAMES.items() for name in names}
