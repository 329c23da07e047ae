"""What people and programs send: the values of forms and addresses, and JSON, with texts that every database takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Request, request
from werkzeug.datastructures import ImmutableMultiDict

from ordercall.domain.characters import storable
from ordercall.domain.outside_json import read_json
from ordercall.errors import InvalidRequest


class _Values(ImmutableMultiDict[str, Any]):
    """The values of a form or an address, or its files, as they are parsed."""

    def __init__(self, mapping: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None) -> None:
        if isinstance(mapping, list):
            mapping = [(storable(name), _storable(value)) for name, value in mapping]
        super().__init__(mapping)


class CleanRequest(Request):
    """A request whose forms and addresses can be stored, so that no view has to ask."""

    parameter_storage_class = _Values


def sent_object(like: str, *, may_be_left_out: bool = False) -> dict[str, Any]:
    """Return the JSON object that a program has sent.

    Args:
        like: an example of one, for who has sent something else.
        may_be_left_out: no body at all is an empty object.

    Raises:
        InvalidRequest: it is none.
    """
    sent = request.get_data()
    if not sent and may_be_left_out:
        return {}
    try:
        found = read_json(sent) if request.is_json else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        nothing = "nothing, or " if may_be_left_out else ""
        raise InvalidRequest(f"Send {nothing}a JSON object such as {like}.", code="InvalidJson")
    cleaned: dict[str, Any] = _storable(found)
    return cleaned


def _storable(value: Any) -> Any:
    if isinstance(value, dict):
        return {storable(name): _storable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_storable(each) for each in value]
    return storable(value) if isinstance(value, str) else value
