"""What a person decides about an address that was given in a call."""

from __future__ import annotations

from typing import NoReturn

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.domain.characters import one_line
from ordercall.domain.people import Permission
from ordercall.domain.places.addresses import LONGEST_PART, PLACE, Address, country_code
from ordercall.errors import AddressConflict, InvalidRequest, UnknownOrder
from ordercall.storage.records import orders
from ordercall.web.access.doors import current_actor, needs
from ordercall.web.context import context
from ordercall.web.ids import order_id
from ordercall.web.view import addresses
from ordercall.web.view.filters import ListQuery

bp = Blueprint("address", __name__, url_prefix="/orders")


@bp.post("/<shopify_id>/address")
@needs(Permission.HANDLE)
def decide(shopify_id: str) -> ResponseReturnValue:
    """Approve an address or reject it, or look what speaks against what was typed."""
    number, form, by = order_id(shopify_id), request.form, current_actor()
    seen, note, typed = form.get("seen", ""), form.get("note", ""), _typed()
    match form.get("decision"):
        case "approve":
            try:
                context().addresses.approve(number, typed, seen=seen, shown=form.get("shown", ""), note=note, by=by)
            except (AddressConflict, InvalidRequest) as refusal:
                return _shown_again(number, typed, str(refusal), refusal.status)
            flash("The address is on its way to Shopify.")
        case "reject":
            try:
                context().addresses.reject(number, seen=seen, note=note, by=by)
            except AddressConflict as refusal:
                return _shown_again(number, typed, str(refusal), refusal.status)
            flash("The address stays as it is.")
        case "check":
            return _shown_again(number, typed, None, 200)
        case _:
            _refuse()
    return redirect(url_for("order.page", shopify_id=number), 303)


def _refuse() -> NoReturn:
    raise InvalidRequest("Approve the address or reject it.", code="InvalidDecision")


def _shown_again(number: int, typed: Address, why: str | None, status: int) -> ResponseReturnValue:
    """Show the address as it is now beside what the person typed, but for what a later call has said meanwhile."""
    with context().db.read() as tx:
        found = orders.find(tx, number)
        if found is None:
            raise UnknownOrder(number)
        card = addresses.card(tx, found)
        if card and card.to_decide and card.proposal.is_seen_in(request.form.get("seen", "")):
            card = addresses.card(tx, found, typed=typed)
    query = ListQuery.of_origin(request.form.get("from", ""))
    return render_template(
        "order-address.html",
        order=found,
        address=card,
        why=why,
        looked=why is None,
        note=request.form.get("note", ""),
        query=query,
    ), status


def _typed() -> Address:
    parts = {name: one_line(request.form.get(name, ""), LONGEST_PART) for name in ("name", *PLACE)}
    return Address(**parts | {"country": parts["country"] and country_code(parts["country"])})
