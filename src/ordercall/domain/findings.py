"""What a check of the installation found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How bad it is: a warning can wait, a failure means that orders are not confirmed or not safe."""

    OK = "ok"
    WARNING = "warn"
    FAILURE = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: what was looked at, what was seen, and what to do about it."""

    check: str
    grade: Grade
    message: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.grade:<5} {self.check:<15} {' '.join(filter(None, (self.message, self.mend)))}"
