"""Whether all of an order came back, by what Shopify shows of its parcels and returns."""

from __future__ import annotations

import pytest

from ordercall.domain.parcels.came_back import CameBack, Parcel, Parcels, came_back

WAY = Parcel(state="IN_TRANSIT", units=2)
TRIED = Parcel(state="ATTEMPTED_DELIVERY", units=2)
FAILED = Parcel(state="FAILURE", units=2)
SHOWN_SO = Parcel(state="NOT_DELIVERED", units=1)
THERE = Parcel(state="DELIVERED", units=2, was_delivered=True)
THERE_AND_FAILED = Parcel(state="FAILURE", units=2, was_delivered=True)


@pytest.mark.parametrize(
    ("parcels", "expected"),
    [
        (Parcels(), None),
        (Parcels(all=(WAY,)), None),
        (Parcels(all=(TRIED,)), None),
        (Parcels(all=(THERE,)), None),
        (Parcels(all=(FAILED,)), CameBack.UNDELIVERED),
        (Parcels(all=(FAILED, SHOWN_SO)), CameBack.UNDELIVERED),
        (Parcels(all=(FAILED,), waits=True), None),
        (Parcels(all=(THERE,), waits=True, return_status="RETURNED", returned=2), None),
        (Parcels(all=(FAILED, WAY)), None),
        (Parcels(all=(FAILED, THERE)), None),
        (Parcels(all=(THERE_AND_FAILED,)), None),
        (Parcels(all=(THERE,), return_status="RETURNED", returned=2), CameBack.RETURNED),
        (Parcels(all=(THERE, SHOWN_SO), return_status="RETURNED", returned=3), CameBack.RETURNED),
        (Parcels(all=(THERE,), return_status="RETURNED", returned=1), None),
        (Parcels(all=(THERE,), return_status="IN_PROGRESS", returned=2), None),
        (Parcels(return_status="RETURNED", returned=2), None),
        (Parcels(all=(Parcel(state="DELIVERED", units=0),), return_status="RETURNED", returned=0), None),
    ],
)
def test_an_order_came_back_where_all_of_it_did(parcels: Parcels, expected: CameBack | None) -> None:
    assert came_back(parcels) is expected


@pytest.mark.parametrize(
    ("parcels", "words"),
    [
        (Parcels(all=(Parcel(state="FULFILLED", units=1),), return_status="NO_RETURN"), ""),
        (Parcels(all=(TRIED, TRIED)), "Delivery: attempted delivery."),
        (
            Parcels(all=(THERE,), return_status="RETURNED", returned=1),
            "Delivery: delivered. Return: returned, 1 of 2 pieces.",
        ),
    ],
)
def test_what_became_of_parcels_is_told_in_plain_words(parcels: Parcels, words: str) -> None:
    assert parcels.words == words
