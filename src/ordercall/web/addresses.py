"""Where a request redirects to when it is done. What leads away from this site counts as not given."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request, url_for


def local_path(target: str | None) -> str:
    """Return *target* if it is a path of this site, else the dashboard: a login must not send people elsewhere."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return url_for("dashboard.index")
    if "\\" in target or any(ord(character) < 32 for character in target):  # browsers read \\ as /, and skip tabs
        return url_for("dashboard.index")
    return target


def local_referrer() -> str:
    """Return the path of the page that a form was sent from, on this site.

    A page that is the answer to a form has the form's URL, which has no GET. The page that it is about is one level
    above: the conflict at ``/orders/1/status`` is about ``/orders/1``.
    """
    parts = urlsplit(request.referrer or "")
    path = parts.path if parts.netloc == request.host and parts.path.startswith("/") else url_for("dashboard.index")
    path = f"/{path.lstrip('/')}"
    routes = current_app.create_url_adapter(request)
    if routes is not None and not routes.test(path, "GET"):
        return path.rpartition("/")[0] or url_for("dashboard.index")
    return path + (f"?{parts.query}" if parts.query else "")
