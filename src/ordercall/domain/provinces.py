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
