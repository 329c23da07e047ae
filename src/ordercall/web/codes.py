"""The codes of the API's errors: what each means, and what its caller does. A code never changes its meaning."""

from __future__ import annotations

from typing import NamedTuple

SEND_AGAIN = "Send it again after a few seconds; nothing was done."
MEND_BODY = "Mend the body as the message says."
MEND_QUERY = "Mend the query as the message says."
A_PERSON = "Nothing, or have a person look at the order."


class Code(NamedTuple):
    """What an error means, and what to do about it."""

    means: str
    remedy: str


CODES = {
    # Who asks
    "Unauthorized": Code("Nobody is named who asks.", "Send a key as X-App-Token, or log in."),
    "WrongToken": Code("The key is not in force.", "Ask an owner for one that is (Settings, Keys)."),
    "NotAllowed": Code("The key, or the person, may not do this.", "Use a key that has the scope in the message."),
    "TooManyRequests": Code("The key has made all requests of a minute.", "Wait for Retry-After seconds."),
    "CsrfTokenMissing": Code("A person's change came without the page's token.", "Send it as X-CSRFToken."),
    "SessionEnded": Code("The person's session is over.", "Log in again."),
    "NoSession": Code("The browser sent no session back.", "Open the address that begins with https."),
    "FormExpired": Code("The form is of a session before.", "Reload the page."),
    "WrongHost": Code("The request came for another host.", "Use the address of this installation."),
    "TooBusy": Code("Too many requests wait to be answered.", SEND_AGAIN),
    # What is asked
    "BadRequest": Code("The request cannot be read.", "Mend it; it is no HTTP that this door takes."),
    "NotFound": Code("Nothing is at this address.", "Look for the address at /api/docs."),
    "MethodNotAllowed": Code("The address does not take this method.", "Use one of the header Allow."),
    "RequestEntityTooLarge": Code("The body is too large.", "Send a smaller one."),
    "UnsupportedMediaType": Code("The body is not announced as JSON.", "Send Content-Type: application/json."),
    "UnknownParameter": Code("The query has a parameter that the door does not know.", MEND_QUERY),
    "InvalidParameter": Code("A parameter of the query has a value of another kind.", MEND_QUERY),
    "InvalidCursor": Code("The cursor is not one of this list.", "Send next as it came, or begin without a cursor."),
    "InvalidJson": Code("The body is no JSON object.", MEND_BODY),
    "InvalidIdempotencyKey": Code("The Idempotency-Key is empty or too long.", "Send a UUID."),
    "KeyReused": Code("The Idempotency-Key came with another body before.", "Make a new key for a new request."),
    "StillAnswering": Code("The first request with this Idempotency-Key still runs.", "Ask again in a second."),
    "InvalidRequest": Code("The request cannot be carried out.", "Mend it as the message says."),
    # Orders
    "UnknownOrder": Code("No order has this id.", "It may not have arrived yet: try again in a minute, else mend it."),
    "NoPlacedOrder": Code("No order is Placed.", "Nothing."),
    "InvalidStatus": Code("The status is none of the four.", MEND_BODY),
    "StatusConflict": Code("Somebody else changed the order meanwhile.", "Read it again, and decide anew."),
    "NeedsAPerson": Code("The report is kept, and a person decides.", "Nothing; with the token force sets it aside."),
    "UnknownWord": Code("The report has a word that nobody has explained.", "Nothing; a person explains it."),
    "NotFailed": Code("The order is not Failed, so nothing is to be cancelled.", "Set its status to Failed first."),
    "NothingToUndo": Code("No cancel waits that could be undone.", "Look how far it is, as the message says."),
    "NotHeld": Code("Nothing of the order is held.", "Nothing."),
    "InvalidNote": Code("The note is empty or too long.", MEND_BODY),
    # Calls
    "NotCallable": Code("Nobody may ring for this order.", A_PERSON),
    "ConfirmFirst": Code("The order is decided, or a call may still ring.", 'Send {"confirm": true} to call anyway.'),
    "NotCalled": Code("Kalimera does not ring again.", A_PERSON),
    "NotSynced": Code("The order did not come on its campaign.", A_PERSON),
    "InvalidUntil": Code("The end of the pause is no time to come, with its zone.", MEND_BODY),
    "InvalidWhy": Code("The reason is none that the door knows.", MEND_BODY),
    # Numbers that must not be called
    "InvalidPhone": Code("There is no phone number in it.", "Send it with its country, as +919876543210."),
    "InvalidTime": Code("The end of the wish is no time to come.", MEND_BODY),
    # Reports
    "TooManyReports": Code(
        "There are more reports in the request than are taken at once.", "Send a hundred at a time."
    ),
    "InvalidFate": Code("The fate is none that a report has.", MEND_QUERY),
    # The policy
    "InvalidDays": Code("The number of days cannot be tried.", MEND_BODY),
    "InvalidPolicy": Code("The draft has fields that cannot be used.", "Write what the message says instead."),
    "UnknownKey": Code("The body has a key that is not known, or there is no such key of a program.", MEND_BODY),
    "UnknownTrial": Code("No trial has this number.", "Make a new one; they are forgotten after 30 days."),
    "PolicyConflict": Code("Somebody else published a policy meanwhile.", "Read it, and decide anew."),
    # The other side, and this one
    "ProviderError": Code("Shopify or Kalimera did not give the answer that was needed.", A_PERSON),
    "ProviderBusy": Code("Shopify or Kalimera has no time.", SEND_AGAIN),
    "CredentialsRefused": Code("Shopify or Kalimera refuses this installation's token.", "Have an owner mend it."),
    "ProviderRefused": Code("Shopify or Kalimera says no.", A_PERSON),
    "NotShown": Code("Shopify or Kalimera does not show what was asked for.", A_PERSON),
    "NotBelieved": Code("Shopify or Kalimera said yes and shows otherwise.", A_PERSON),
    "AlreadyThere": Code("It exists already at Shopify or Kalimera.", A_PERSON),
    "OutcomeUnknown": Code("It left, and no clear answer came.", "Look what became of it before asking again."),
    "DatabaseBusy": Code("The database did not answer in time.", SEND_AGAIN),
    "DatabaseFault": Code("Nothing can be stored until the server is mended.", "Send it again later; tell its owner."),
    "DatabaseUnusable": Code("The database cannot be used as it is.", "Tell the owner of the server."),
    "LeaseLost": Code("The worker was out of touch with the database.", SEND_AGAIN),
    "SandboxSilent": Code("The sandbox did not forget its orders.", SEND_AGAIN),
    "InternalError": Code("Something went wrong here, and was logged.", "Send it again; tell the owner if it stays."),
}

OF_PAGES_ALONE = frozenset(
    {
        *("AddressConflict", "ConfigurationError", "BackupFailed", "CopyFailed", "Disabled", "FactorOff", "FactorOn"),
        *("InvalidAddress", "InvalidEmail", "InvalidName", "InvalidRule", "LinkEnded", "NoFactorWaits", "NoScope"),
        *("NoSuchRequest", "NotDelivered", "NotUndoable", "PauseConflict", "SetBySettings", "TooLate"),
        *("TooManyTries", "UnknownFirstCall", "UnknownPerson", "UnknownRun", "WordConflict", "WrongCode"),
        *("IssuerFault", "IssuerRefused", "LinkedElsewhere", "NoIssuer", "NotBegunHere", "SignInDenied"),
        *("UnknownAccount", "WrongPassword"),
        "OrdercallError",
    }
)
"""What only people hear, on a page or at the command line."""
