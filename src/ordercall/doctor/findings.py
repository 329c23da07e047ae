"""How the checks say what they found."""

from __future__ import annotations

from ordercall.domain.findings import Finding, Grade

__all__ = ["Finding", "Grade", "failure", "ok", "warning"]


def ok(check: str, message: str) -> Finding:
    return Finding(check, Grade.OK, message)


def warning(check: str, message: str, mend: str) -> Finding:
    return Finding(check, Grade.WARNING, message, mend)


def failure(check: str, message: str, mend: str = "") -> Finding:
    return Finding(check, Grade.FAILURE, message, mend)
