"""Ordercall: calls each new Shopify order's customer to confirm it, and cancels the orders that fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from ordercall.config import Settings

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> Flask:
    """Return the web application; see :func:`ordercall.bootstrap.web.create_app`."""
    from ordercall.bootstrap.web import create_app as build  # late: a process that serves no pages stays small

    return build(settings)
