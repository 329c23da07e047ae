"""What each door of the API takes and gives, said once beside it: the document of the API is made from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypedDict, get_type_hints

import msgspec
from flask import request
from msgspec import Meta

from ordercall.domain.orders.order import LARGEST_ID
from ordercall.errors import InvalidRequest

LONGEST_FAULT = 200
"""Characters of a sentence about a value that somebody sent: it holds the value."""

Id = Annotated[int, Meta(ge=1, le=LARGEST_ID)]
"""The number of an order, a report or a trial."""

Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
"""A time with its zone, as ISO 8601 writes it."""


class Before(TypedDict, total=False):
    """Which page of a list it is."""

    before: Annotated[Id, Meta(description="before of the answer before.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a door takes and gives.

    Attributes:
        gives: by the status of the answer, the type of its body, or several that it may be of.
        takes: the type of the JSON that it wants, or None.
        asks: a TypedDict of the parameters in its query, or None.
        may_be_left_out: no body at all is fine, too.
        refuses: statuses of refusals beside those that its method, its path and its permission bring.
        example: a body that it takes.
    """

    gives: Mapping[int, Any]
    takes: Any = None
    asks: type | None = None
    may_be_left_out: bool = False
    refuses: tuple[int, ...] = ()
    example: Any = field(default=None)


def tells[View: Callable[..., Any]](told: Told) -> Callable[[View], View]:
    """Say of a view what it takes and gives."""

    def mark(view: View) -> View:
        view.told = told  # type: ignore[attr-defined]
        return view

    return mark


def asked[Query](kind: type[Query]) -> Query:
    """Return the query of the request, read by its declaration.

    Raises:
        InvalidRequest: a parameter is none of those that are declared, comes twice, or has a value of another kind.
    """
    known = get_type_hints(kind)
    for name, values in request.args.lists():
        if name not in known:
            message = f"There is no parameter {name[:40]!r}; use {', '.join(known)}."
            raise InvalidRequest(message, code="UnknownParameter")
        if len(values) > 1:
            raise InvalidRequest(f"{name} may come once.", code="InvalidParameter")
    try:
        return msgspec.convert(request.args.to_dict(), kind, strict=False)
    except (msgspec.ValidationError, ValueError, OverflowError) as fault:
        said = str(fault).replace("`$.", "`").replace("`$`", "the query")[:LONGEST_FAULT]
        raise InvalidRequest(f"{said}.", code="InvalidParameter") from fault
