"""How errors look: JSON for programs, a plain page for people, and never a trace of personal data."""

from __future__ import annotations

import logging
from io import StringIO
from urllib.parse import urlsplit

from flask import Blueprint, current_app, jsonify, make_response, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadHost, HTTPException, MethodNotAllowed

from ordercall.errors import OrdercallError

bp = Blueprint("errors", __name__)
DEBUGGER = "werkzeug.debug.preserve_context"
"""What werkzeug's debugger enters into the environment of a request that it watches over (``flask run --debug``)."""

CHANGED_HOST = (
    "This page is of {page}, and its form came here for {host}: a proxy in front changes the Host, and must pass it on"
    " (docs/deployment.md, Behind a proxy)."
)
UNBELIEVED = (
    "{peer} says for you that you came by https, and is not believed, because TRUSTED_PROXIES does not name it"
    " (docs/deployment.md, Behind a proxy)."
)
NO_HTTPS = (
    "Your browser sent no session back: in production it does over https only. Open the address that begins with"
    " https; if you did, go back, reload the page and try again."
)

logger = logging.getLogger(__name__)


@bp.app_errorhandler(OrdercallError)
def on_our_error(error: OrdercallError) -> ResponseReturnValue:
    return answer(error.code, str(error), error.status)


@bp.app_errorhandler(CSRFError)
def on_stale_form(error: CSRFError) -> ResponseReturnValue:
    if error.description == "The referrer does not match the host.":
        page = urlsplit(request.referrer or "").netloc
        return answer("WrongHost", CHANGED_HOST.format(page=page, host=request.host), 400)
    if current_app.config["SESSION_COOKIE_SECURE"] and not request.is_secure and not session:
        promised = request.headers.get("X-Forwarded-Proto") == "https"
        return answer("NoSession", UNBELIEVED.format(peer=request.remote_addr) if promised else NO_HTTPS, 400)
    return answer("FormExpired", "This form is too old. Go back, reload the page and try again.", 400)


@bp.app_errorhandler(BadHost)
def on_impossible_host(_error: BadHost) -> ResponseReturnValue:
    message = "No host can have the name for which this request came."
    if wants_json():
        return answer("BadRequest", message, 400)
    return f"{message}\n", 400, {"Content-Type": "text/plain; charset=utf-8"}  # without a host a page has no links


@bp.app_errorhandler(HTTPException)
def on_http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    message = {
        404: "There is nothing at this address.",
        405: "This address does not take that method.",
        413: "The body is too large.",
    }.get(status, error.description or error.name)
    response = make_response(answer(error.name.replace(" ", ""), message, status))
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(error.valid_methods or ())
    return response


@bp.app_errorhandler(Exception)
def on_surprise(error: Exception) -> ResponseReturnValue:
    logger.error("%s %s failed with %s", request.method, request.url_rule, _without_values(error))
    if current_app.debug and DEBUGGER in request.environ:
        request.environ["wsgi.errors"] = StringIO()  # the debugger logs the trace there, its message included
        raise error
    return answer("InternalError", "Something went wrong here. It was logged; try again.", 500)


def answer(code: str, message: str, status: int) -> ResponseReturnValue:
    """Answer an error in the form that the caller can read."""
    if wants_json():
        return jsonify(success=False, error={"code": code, "message": message}), status
    return render_template("error.html", code=code, message=message, status=status), status


def wants_json() -> bool:
    return request.path.startswith(("/api/", "/shopify/"))


def _without_values(error: Exception) -> str:
    """Name the error and where it rose; its message may hold a row's values, so it stays out of the log."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "unknown place"
    return f"{type(error).__name__} at {where}"
