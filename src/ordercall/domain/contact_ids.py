"""The id of a contact, which a provider may write as a text or as a number and must get back as it came.

It is kept as one text: a number by its digits, a text as it is. Only a text that would be taken for a number, or for a
text in quotes, is kept in quotes.
"""

from __future__ import annotations

import json
import re
from typing import Any

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)")
"""The whole numbers of JSON. Not ``007``, which is a text."""


_NOTHING = re.compile(r"null|none|nil|nan|undefined|0{8}-0{4}-0{4}-0{4}-0{12}", re.IGNORECASE)
"""How programs write as a text that there is no id."""

_IN_WORDS = re.compile(r"Contact (.+?) (?:created|reused \(.*\))\.")


def kept(contact_id: str | int) -> str:
    """Return the text that an id is kept as."""
    if isinstance(contact_id, str) and (_NUMBER.fullmatch(contact_id) or contact_id.startswith('"')):
        return json.dumps(contact_id, ensure_ascii=False)
    return str(contact_id)


def as_it_came(text: str) -> str | int:
    """Return the id that :func:`kept` made this text of. What is no such text is an id of its own."""
    if _NUMBER.fullmatch(text):
        return int(text)
    if text.startswith('"'):
        try:
            inner = json.loads(text)
        except ValueError:
            return text
        return inner if isinstance(inner, str) else text
    return text


def shown(text: str) -> str:
    """Return a kept id as people and programs read it, which does not tell the number 42 from the text."""
    return str(as_it_came(text))


def spellings(contact_id: str) -> set[str]:
    """Return what an id may be kept as that somebody else writes so; who reports may not tell 42 from the text."""
    return {contact_id, kept(contact_id)}


def is_id(value: Any) -> bool:
    """Return whether a value of JSON can be an id: a text that is not blank, or a whole number."""
    if isinstance(value, str):
        return bool(value.strip()) and not _NOTHING.fullmatch(value.strip())
    return isinstance(value, int) and not isinstance(value, bool)


def in_words(contact_id: str, what: str) -> str:
    """Return what the timeline says of a contact: that it was ``created``, or ``reused (…)``."""
    return f"Contact {shown(contact_id)} {what}."


def named_in(words: str) -> str | None:
    """Return the contact that :func:`in_words` names, as it is shown."""
    named = _IN_WORDS.fullmatch(words)
    return named and named[1]
