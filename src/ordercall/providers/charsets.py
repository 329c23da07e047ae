"""In which charset an answer is written, whatever its header says: an id or a refusal must not be lost by that."""

from __future__ import annotations

import codecs
import re

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""The longer ones first: that of UTF-32 begins with that of UTF-16."""

_WIDE = (
    (re.compile(rb"\0\0\0[^\0]"), "utf-32-be"),
    (re.compile(rb"[^\0]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0[^\0]"), "utf-16-be"),
    (re.compile(rb"[^\0]\0"), "utf-16-le"),
)
"""By the zeros at its beginning, as JSON and HTML begin with a sign of ASCII (RFC 4627)."""


def decoded(body: bytes, named: str | None) -> str:
    """Return the text of an answer, with a sign in place of what cannot be read.

    What is UTF-8 is hardly ever meant as something else, and JSON between programs is prescribed to be.

    Args:
        named: the charset that its header names, which may be none or the wrong one.
    """
    for charset in (*_shown_by(body), "utf-8", named or "utf-8"):
        try:
            return body.decode(charset)
        except (LookupError, ValueError):  # nobody knows it, it is no charset of text, or the body is not in it
            continue
    return body.decode("utf-8", "replace")


def _shown_by(body: bytes) -> list[str]:
    return [
        *(charset for mark, charset in MARKS if body.startswith(mark)),
        *(charset for zeros, charset in _WIDE if zeros.match(body)),
    ][:1]
