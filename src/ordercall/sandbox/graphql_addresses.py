"""The mutation that gives an order another address, as GraphQL takes it and refuses it.

It takes the address as a whole, also of an order that has shipped. Its words were recorded from a shop on 2026-04; what
countries beside India call their parts is not played.
"""

from __future__ import annotations

from typing import Any

from ordercall.sandbox.graphql_ids import number
from ordercall.sandbox.graphql_views import View, order_view
from ordercall.sandbox.order_book import Order, OrderBook

STATES = {
    **{"AN": "Andaman and Nicobar Islands", "AP": "Andhra Pradesh", "AR": "Arunachal Pradesh", "AS": "Assam"},
    **{"BR": "Bihar", "CG": "Chhattisgarh", "CH": "Chandigarh", "DH": "Dadra and Nagar Haveli and Daman and Diu"},
    **{"DL": "Delhi", "GA": "Goa", "GJ": "Gujarat", "HP": "Himachal Pradesh", "HR": "Haryana", "JH": "Jharkhand"},
    **{"JK": "Jammu and Kashmir", "KA": "Karnataka", "KL": "Kerala", "LA": "Ladakh", "LD": "Lakshadweep"},
    **{"MH": "Maharashtra", "ML": "Meghalaya", "MN": "Manipur", "MP": "Madhya Pradesh", "MZ": "Mizoram"},
    **{"NL": "Nagaland", "OR": "Odisha", "PB": "Punjab", "PY": "Puducherry", "RJ": "Rajasthan", "SK": "Sikkim"},
    **{"TN": "Tamil Nadu", "TR": "Tripura", "TS": "Telangana", "UP": "Uttar Pradesh", "UT": "Uttarakhand"},
    **{"WB": "West Bengal"},
}
COUNTRIES = {"IN": "India", "US": "United States"}


def update_address(book: OrderBook, order: Order | None, given: View) -> View:
    """Give an order the address of an ``OrderInput``; return what the mutation answers."""
    if order is None:
        return {"order": None, "userErrors": [_error(["id"], "Order does not exist")]}
    address = given.get("shippingAddress")
    if address is None:
        return {
            "order": order_view(order),
            "userErrors": [_error(None, "No valid update parameters have been provided")],
        }
    errors = _refusals(address)
    changed = order if errors else book.readdress(number(given["id"], "Order"), _body(address))
    return {"order": order_view(changed), "userErrors": errors}


def _refusals(address: View) -> list[View]:
    country = address.get("countryCode") or ""
    errors = [("lastName", "Enter a last name")] if not address.get("lastName") else []
    errors += [("zip", "Enter a ZIP code")] if not address.get("zip") else []
    if country == "IN" and address.get("provinceCode") not in STATES:
        errors.append(("province", f"State is not a valid state in {COUNTRIES[country]}"))
    return [_error(["shippingAddress", name], message) for name, message in errors]


def _error(field: list[str] | None, message: str) -> View:
    return {"field": field, "message": message}


def _body(address: View) -> dict[str, Any]:
    """Return the address as it stands in an order's body; what was left out is empty."""
    first, last, code = address.get("firstName"), address["lastName"], address.get("provinceCode")
    country = address.get("countryCode") or "IN"
    kept = {name: address.get(name) for name in ("company", "address1", "address2", "city", "zip", "phone")}
    return kept | {
        "first_name": first,
        "last_name": last,
        "name": " ".join(filter(None, (first, last))),
        "province": STATES.get(code or "", code),
        "province_code": code,
        "country": COUNTRIES.get(country, country),
        "country_code": country,
    }
