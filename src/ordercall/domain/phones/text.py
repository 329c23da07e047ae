"""From the text of a phone field to the pieces of it that may be a number each.

People write digits in their own script, words around them, two numbers in one field; spreadsheets make amounts of them.
Nothing is made up here, and what may be a part of a number is never dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ordercall.domain.characters import in_ascii_digits
from ordercall.domain.words import Word

LONGEST_FIELD = 100
"""Characters. A phone with words around it is shorter, and of a longer text the end may have been cut off."""

WRITTEN_APART = frozenset({"91", "0091", "091", "0"})
"""What stands before an Indian number and belongs to it, be there a bracket or a word between the two."""

PIECE = re.compile(r"(\+?)[ (\[]*((?:[0-9]{1,4}[ )\].-]*[(\[][ (\[]*)?[0-9](?:[0-9 )\]._-]*[0-9])?)")
"""Digits and what people write between those of one number. A plus begins another one, and so does a bracket behind
more digits than a country's code has."""

EXTENSION = re.compile(
    r"""[0-9](?:
        [\W_]*(?:ext(?:n|ens?ion|ention)?|xtn)(?![a-z])
        | [\W_]*x[\W_]*[0-9] | [ ]?[pw][ ]?[0-9] | [ ]?(?:,[ ]?,|\#)
        | [^0-9]*(?<![^\W\d_])(?:code|otp|id|कोड|કોડ)(?![^\W\d_])[^0-9]*[0-9]
    )
    | (?<![^\W\d_])(?:pin|pincode|passcode|password|पिन|પિન)(?![^\W\d_])[^0-9]*[0-9]""",
    re.IGNORECASE | re.VERBOSE,
)
"""In words, or as telephones dial it: a comma or p waits, w asks, a # ends it."""

LOOK_ALIKE = "OoQDIilLSsZzBbGgq"
TORN = re.compile(
    rf"""[0-9][^\W\d_]+[0-9] | @ | \+[^\W\d_]
    | [0-9][{LOOK_ALIKE}]+(?![^\W\d_]) | (?<![^\W\d_])(?:[{LOOK_ALIKE}]+[0-9]|[Oo]{{2,}}(?![^\W\d_]))
    | [0-9](?:(?i:st|nd|rd|th)(?![^\W\d_])|[ ]?[²³¹⁰-₉①-⑳])
    | (?i:\b(?:zero|one|two|three|four|five|six|seven|eight|nine|double|triple)\b)""",
    re.VERBOSE,
)
"""Letters among the digits (an O for a 0) or beside them, digits in words, in an ordinal or raised behind a number, and
an address, whose digits say nothing."""

MASKED = re.compile(r"[0-9][ -]?(?:[*•●×~]|\?(?!\w)|x+(?![a-z])|__|\.\.)", re.IGNORECASE)
"""Digits that are not shown: 9198765432** would be the mobile 91987 65432."""

DISOWNED = re.compile(
    r"""(?<![^\W\d_])(?:
        (?:wrong|incorrect|fake|no[ ]longer|gal[ae]t|puran[aie]|गलत|ग़लत|पुराना|पुरानी|ખોટો|ખોટી|જૂનો|જૂની)(?![^\W\d_])
        | (?:do[ ]not|don['’]?t|never)[ ](?:call|ring|dial|use)
            (?![^\W\d_]|[ ](?:after|at|before|between|in|till|until|on(?![ ](?:this|that|[+]?[0-9]{4}))))
        | not[ ](?:this|my|working|in[ ]use|on[ ][+]?[0-9]{4})
        | (?:not|old|previous|former|otp|(?:order|invoice|account|a/c)(?:[ ](?:no|number|id))?)
            (?:[ ](?:no|number|phone|mobile|mob))?[\W_]*(?:[0-9]|$)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
"""The number was given up, and is soon somebody else's; nobody is to be rung there; or it is no phone's. Of two numbers
in the text it is not certain which one is meant."""

AREA_CODE = re.compile(r"(?<![0-9])(0[1-9][0-9]{1,3})/(?=[0-9]{6,8}(?![0-9]))")
"""A slash parts it from the number of its town, and no other number from it."""

LABEL = re.compile(r"(?<!\w)[^\W\d_]+[ .-]?[1-9] ?:")
"""The number of a number, such as "Mob2:"."""

LIST_LABEL = re.compile(
    r"(?:^|[\s,;/])(?:[1-9][.)] |\([1-9]\) ?(?=\+91[ -]?[6-9]|0?[6-9][0-9]{4}[ -][0-9]{5}(?![0-9])))"
)
"""Of a list that begins with "1) ", "1. " or "(1)". In any other text the digit is the number's: "(+91) 6) 44660 0166".
In brackets it may be America's code, behind which nobody parts the ten digits in halves."""

HALF_IN_BRACKETS = re.compile(r"(?<![0-9])([6-9][0-9]{4})\(([0-9]{5})\)(?![0-9])")
"""Both halves of a mobile, nothing but the bracket between them: "98765 (43210)" may be half a number and another."""

BOLD = re.compile(r"([*_~])([^*_~]+)\1")
"""As people mark in WhatsApp what they write; a single star behind digits may stand for some of them."""

SCIENTIFIC = re.compile(r"(\+?[0-9]+)(?:[.,]([0-9]+))?E([+-]?[0-9]{1,2})", re.IGNORECASE)
GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}")
NO_FRACTION = re.compile(r"(?<![0-9.])(91[0-9]{10}|(?!91|0)[0-9]{10})\.0+(?![0-9.])")
"""Behind 9160000000 two zeros may be the number's own: 91, then 60000000.00. No amount begins with a zero."""

FRACTION = re.compile(r"(?<![0-9.])[0-9]+\.[0-9]{1,2}(?![0-9.])")
"""Nobody ends a phone with two digits behind its only dot."""


_HOUR = r"[0-9]{1,2}[ ]?(?:am|pm)"
_HOURS = rf"""(?:24x7|\(24x7\)|after[ ](?:{_HOUR}|[0-9]{{1,2}})|{_HOUR}[ ]?(?:-|to)[ ]?{_HOUR}
    |between[ ](?:{_HOUR}|[0-9]{{1,2}})[ ]and[ ](?:{_HOUR}|[0-9]{{1,2}}))"""
AROUND_ALL = re.compile(
    rf"(?:\+(?:91)?[ ]?(?=\+91))?(?:(?:call[ ])?{_HOURS}[ ])?(?P<phone>[+0-9][0-9 -]*?[0-9])(?:[ ]{_HOURS})?",
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
"""A code begun twice, and the hours to ring at, in words that are no extension's. "10-5" alone may be a flat's."""


class PhoneFault(Word):
    """Why a text gives no number, as a person is told it behind the name of the field."""

    told: str

    NO_NUMBER = "no_number", "no number"
    TOO_SHORT = "too_short", "too few digits"
    TOO_LONG = "too_long", "too many digits"
    IMPOSSIBLE = "impossible", "no number that can be dialled"
    TWO_NUMBERS = "two_numbers", "digits that may be the number of one country or of another"
    NO_COUNTRY = "no_country", "a number without its country's code, in a country that is not known"
    PLACEHOLDER = "placeholder", "a placeholder"
    EXTENSION = "extension", "a number with an extension, which without it may reach somebody else"
    MORE_DIGITS = "more_digits", "more digits than the number's, which may be an extension"
    PARTED = "parted", "digits that are not parted as those of one number are"
    TORN = "torn", "letters among the digits"
    MASKED = "masked", "digits that are not all shown"
    DISOWNED = "disowned", "words that say that a number in it is not to be rung, or is no phone's"
    AMOUNT = "amount", "an amount, as a spreadsheet makes of a number and drops digits"
    LONG_TEXT = "long_text", "a text too long for a phone"


@dataclass(frozen=True, slots=True)
class Piece:
    """Digits as they are written, whether a plus stands before them, and what parts them from those before."""

    plus: bool
    written: str
    parted_by: str

    @property
    def groups(self) -> list[str]:
        return re.findall(r"[0-9]+", self.written)

    @property
    def digits(self) -> str:
        return "".join(self.groups)


def pieces_of(text: str) -> tuple[list[Piece], PhoneFault | None]:
    """Return what may be a number each, in the order of the text, and why none of it is one to be rung."""
    if len(text) > LONGEST_FIELD:
        return [], PhoneFault.LONG_TEXT
    plain = _plain(text).strip("\"'= \n")
    typed = _as_typed(BOLD.sub(r"\2", plain) if BOLD.fullmatch(plain) else plain)
    if typed is None:
        return [], PhoneFault.AMOUNT
    pieces = list(_pieces(_joined(_unlabelled(typed))))
    if EXTENSION.search(typed):
        return pieces, PhoneFault.EXTENSION
    if MASKED.search(typed):
        return pieces, PhoneFault.MASKED
    if TORN.search(typed) or any("+" in piece.parted_by for piece in pieces):
        return pieces, PhoneFault.TORN
    return pieces, None if pieces else PhoneFault.NO_NUMBER


def _plain(text: str) -> str:
    """Return digits, blanks, dashes and line ends of every script in one form, without the signs that show nothing."""
    plain = text if text.isascii() else "".join(map(_alike, in_ascii_digits(text)))
    return "\n".join(" ".join(line.split()) for line in plain.splitlines())


def _alike(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in ("Cf", "Mn", "Me"):
        return ""
    if category == "Pd" or sign == "\N{MINUS SIGN}":
        return "-"
    alike = unicodedata.normalize("NFKC", sign)
    return sign if any(map(str.isdigit, alike)) else alike  # a small raised 2 is no digit of a number


def _as_typed(text: str) -> str | None:
    """Return the digits as they were before they were taken for an amount; None where some may be lost."""
    if scientific := SCIENTIFIC.fullmatch(text):
        whole, fraction, exponent = scientific[1], scientific[2] or "", int(scientific[3])
        all_there = 0 <= exponent <= len(fraction) and not fraction[exponent:].strip("0")
        return whole + fraction[:exponent] if all_there else None
    text = NO_FRACTION.sub(r"\1", text)
    if FRACTION.search(text):
        return None
    return text.replace(",", "") if GROUPED.fullmatch(text) else text


def _unlabelled(text: str) -> str:
    """Return a list without the numbers of its members, parted as a list is."""
    plain = LABEL.sub("; ", text)
    return LIST_LABEL.sub("; ", plain) if text.startswith(("1) ", "1. ", "(1)")) else plain


def _joined(text: str) -> str:
    """Return a text with a dash for what parts one number here, and elsewhere two."""
    return HALF_IN_BRACKETS.sub(r"\1-\2", AREA_CODE.sub(r"\1-", text))


def _pieces(text: str) -> Iterator[Piece]:
    """Yield the pieces; what is written apart from the number that it belongs to is joined to it."""
    head, end = None, 0
    for match in PIECE.finditer(text):
        piece = Piece(bool(match[1]), match[2], text[end : match.start()].strip(" "))
        end = match.end()
        if head:
            piece = Piece(head.plus or piece.plus, f"{head.digits} {piece.written}", head.parted_by)
            head = None
        elif piece.digits in WRITTEN_APART:
            head = piece
            continue
        yield piece
    if head:
        yield head
