"""Facts about an order's money: through which gateways it is paid, whether at the door, and what is still due."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from ordercall.domain.characters import JOINERS, is_like

PENDING, PARTLY_PAID, REFUNDED = "pending", "partially_paid", "refunded"
AUTHORIZED, VOIDED, EXPIRED = "authorized", "voided", "expired"
"""States of a payment as Shopify says them. Refunded: all of the money was given back. Authorized: a bank has promised
it. Expired: that promise was over before the money was taken."""

NOT_PAID_FOR = frozenset({VOIDED, EXPIRED, REFUNDED})
"""Nothing is outstanding and nothing was kept: a parcel that leaves now is a present, whatever is written on it."""

SETTLED = frozenset({"paid", "partially_refunded", REFUNDED, VOIDED})
"""The states after which nothing is collected any more."""

_COD = re.compile(r"(?<!\S)p{0,2}c ?o ?d\d*(?:fees?|charges?)?(?!\S)")
"""Among a label's words: COD, C.O.D., COD2, partly prepaid COD (PPCOD), COD charges."""

_NOT = re.compile(r"(?<!\S)(?:no|non|not|without) \S+")

_AT_THE_DOOR = re.compile(
    "|".join(
        (
            "(?:cash|pay|payment|paid|card|upi|money)(?:on|at|upon|against)(?:the|your)?(?:delivery|door|receipt|arrival)",
            "कैशऑनडिल[िी]वरी|कैशआनडिल[िी]वरी|कॅशऑनडिल[िी]व(?:्ह)?री|सीओडी",  # Hindi, Marathi
            "डिल[िी]व(?:्ह)?री(?:पर|वर|केसमय)(?:नकद|नगद|कैश|रोख|भुगतान|पेमेंट)",
            "ક[ેૅ]શઓનડિલ[િી]વરી|સીઓડી",  # Gujarati
            "ক্যাশঅনডেলিভারি|கேஷ்ஆன்டெலிவரி",  # Bengali, Tamil
            "క్యాష్ఆన్డెలివరీ|ಕ್ಯಾಶ್ಆನ್ಡೆಲಿವರಿ|ക്യാഷ്ഓൺഡെലിവറി",  # Telugu, Kannada, Malayalam
            "الدفععندال(?:استلام|تسليم)",  # Arabic
        )
    )
)
"""In a label's letters, without what parts its words."""


_BETWEEN = ", "
"""What parts the labels of an order's gateways."""


class MoneyNow(NamedTuple):
    """What an order costs and what is due of that, after every edit; both in one currency, or None where unknown."""

    total: Decimal | None
    outstanding: Decimal | None
    currency: str | None


def pays_on_delivery(
    gateways: Collection[str], financial_status: str | None, outstanding: Decimal | None
) -> bool | None:
    """Return whether an order is paid at the door, by what its first body says; None where that says nothing of it.

    It is when one of its gateways is called so: their names are free text that each shop edits. It also is when money
    is due and nobody but the shop itself is to take it: through the gateway "manual", or through none.
    """
    if not gateways and financial_status is None:
        return None
    if any(map(_is_cash_on_delivery, gateways)):
        return True
    by_the_shop = not gateways or any("manual" in label.casefold() for label in gateways)
    return by_the_shop and financial_status == PENDING and outstanding != 0


def still_due(
    outstanding: Decimal | None, financial_status: str | None, total: Decimal | None, *, is_cod: bool | None
) -> Decimal | None:
    """Return what is still to be paid, or None where nobody can tell. What the shop owes its customer is nothing due.

    Where Shopify does not say it, the state of the payment does: for nothing paid at the door yet, all is due.

    Args:
        outstanding: Shopify's ``total_outstanding``, which follows part payments, edits and refunds.
    """
    if outstanding is not None:
        return max(outstanding, Decimal(0))
    if financial_status in SETTLED:
        return Decimal(0)
    return total if is_cod and financial_status != PARTLY_PAID else None


def in_one_text(labels: Iterable[str]) -> str | None:
    """Return the labels of an order's gateways as they are kept and shown, or None where there are none.

    A comma within a label is followed by a no-break space, which looks the same and parts nothing.
    """
    return _BETWEEN.join(label.replace(_BETWEEN, ",\N{NO-BREAK SPACE}") for label in labels) or None


@lru_cache(maxsize=256)
def is_paid_by(gateways: str | None, names: tuple[str, ...]) -> bool:
    """Return whether one of the gateways in such a text is named.

    Args:
        names: each as the shop calls it, in which ``*`` stands for anything; case and blanks do not matter.
    """
    labels = [_folded(label) for label in (gateways or "").split(_BETWEEN)]
    return any(is_like(label, _folded(name)) for name in names for label in labels)


@lru_cache(maxsize=256)
def _folded(label: str) -> str:
    return " ".join(unicodedata.normalize("NFC", label).casefold().split())


@lru_cache(maxsize=256)
def _is_cash_on_delivery(label: str) -> bool:
    """Return whether a gateway's label says that it is paid at the door. A shop has a handful of them."""
    words = _NOT.sub(" ", _words(label))
    return bool(_COD.search(words) or _AT_THE_DOOR.search(words.replace(" ", "")))


def _words(label: str) -> str:
    """Return the words of a label in small letters, with one space between them, whatever stood there."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", label)).casefold()
    letters = (" " if _parts(sign) else sign for sign in parted if sign not in JOINERS)
    return " ".join("".join(letters).split())


def _parts(sign: str) -> bool:
    """Return whether a sign is neither letter nor number; the vowels of Indian scripts are marks (M)."""
    return unicodedata.category(sign)[0] not in "LMN"
