"""A text as a picture for the camera of a phone (``segno``)."""

from __future__ import annotations

from typing import NamedTuple

DOT = 4
"""Pixels of the smallest square: the picture of a long secret is some 230 wide, and fits at 390."""


class Picture(NamedTuple):
    """An SVG, by an address that holds all of it, and how many pixels it is wide and high."""

    address: str
    size: int


def qr_code(text: str) -> Picture:
    """Return the picture of a text, dark on light in both themes."""
    import segno  # late: 4.7 MB, for a page that a person opens once

    made = segno.make_qr(text)
    width, _ = made.symbol_size(scale=DOT)
    return Picture(made.svg_data_uri(scale=DOT, light="#fff"), int(width))
