"""What a person shows to prove that it is them: their password, and the code of their second factor."""

from __future__ import annotations

import hmac
from datetime import timedelta

from flask import request

from ordercall.errors import InvalidRequest
from ordercall.storage.records import audit, people
from ordercall.storage.records.people import Person
from ordercall.web.access.throttle import left_after, too_many, tries_of, tries_of_code
from ordercall.web.context import context


def prove_password(person: Person, password: str) -> None:
    """Take the present password of somebody who is logged in.

    Raises:
        InvalidRequest: it is another, or there were too many tries.
    """
    view, tries = context(), tries_of(person.name)
    left = tries.take()
    if isinstance(left, timedelta):
        raise too_many(left)
    if view.access.people.is_set(person):
        right = hmac.compare_digest(password.encode(), view.settings.admin_password.encode())
    else:
        with view.db.read() as tx:
            found = people.find_by_name(tx, person.name)
        right = view.access.passwords.is_right(found[1] if found else None, password, known=True)
    if not right:
        raise InvalidRequest("That is not your present password.", code="WrongPassword")
    tries.succeed()


def prove_factor(person: Person, code: str) -> None:
    """Use up a code of a person's second factor.

    Raises:
        InvalidRequest: it is wrong or was used before, or there were too many tries.
        DatabaseFault: nothing can be stored, so a code could be used twice: none is taken.
    """
    tries = tries_of_code(person.name)
    left = tries.take()
    if isinstance(left, timedelta):
        raise too_many(left)
    with audit.acting(person.name, request.remote_addr or ""):
        right = context().access.factors.use(person.id, code)
    if not right:
        message = f"That code is wrong, or was used before: an app shows another one in a moment. {left_after(left)}"
        raise InvalidRequest(message, code="WrongCode")
    tries.succeed()
