"""A Kalimera whose names are not ours: those of the file that ``KALIMERA_CONTRACT`` names, read here in its own way."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Names = Mapping[str, Mapping[str, str]]


class OtherNames:
    """Reads what is sent by their names alone, and answers in them.

    Args:
        parts: their name by ours, by the part of the file. What it leaves out is called as the product calls it.
    """

    def __init__(self, parts: Names | None = None) -> None:
        self._parts = parts or {}

    @classmethod
    def in_file(cls, file: str) -> OtherNames:
        """Return the names of a file; without one, the product's own."""
        return cls(tomllib.loads(Path(file).read_text("utf-8-sig")) if file else None)

    def leaves_out(self, part: str, ours: str) -> bool:
        return not self.name(part, ours)

    def name(self, part: str, ours: str) -> str:
        return self._parts.get(part, {}).get(ours, ours)

    def read(self, part: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return a payload in our names; under one of ours that they call otherwise nothing is seen."""
        renamed = self._parts.get(part, {})
        ours = {theirs: name for name, theirs in renamed.items()}
        return {ours.get(key, key): value for key, value in payload.items() if key in ours or key not in renamed}

    def write(self, part: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return fields in their names, but those that they leave out."""
        return {self.name(part, name): value for name, value in fields.items() if not self.leaves_out(part, name)}

    def with_id(self, contact_id: str) -> dict[str, Any]:
        """Return the part of an answer that holds a contact's id, in its place."""
        *around, name = self.name("answer", "contact_id").split(".")
        found: dict[str, Any] = {name: contact_id}
        for outer in reversed(around):
            found = {outer: found}
        return found

    @property
    def id_name(self) -> str:
        return self.name("answer", "contact_id").rpartition(".")[2]
