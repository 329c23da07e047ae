"""What becomes of a report: applied, kept, or shown to a person; and why."""

from __future__ import annotations

from ordercall.domain.words import Word


class Fate(Word):
    """What became of a report, and how that reads in two or three words."""

    short: str

    APPLIED = "applied", "Applied"
    KEPT = "kept", "Kept"
    NEEDS_A_PERSON = "needs_a_person", "Needs a person"


class Why(Word):
    """Why a report has its fate, as a sentence for a person."""

    sentence: str

    SAID = "said", "The customer's answer was set."
    SAME = "same", "The order has this status already."
    NOBODY_REACHED = "nobody_reached", "Nobody was reached."
    NOT_FINAL = "not_final", "It is not the last word of this call."
    NEVER_FINAL = "never_final", "It tells an answer, and its call ended without a last word: a person decides."
    NOTED = "noted", "It changes nothing about the order."
    # Whose it is.
    NO_IDS = "no_ids", "It says neither call, contact, phone nor order."
    UNKNOWN_IDS = "unknown_ids", "Its call, contact, phone or order is not known here."
    IDS_DISAGREE = "ids_disagree", "Its ids belong to different orders."
    NOT_WAITING = "not_waiting", "No call of its order waits for an answer."
    NOT_THEN = "not_then", "No call of its order may have rung at that time."
    SEVERAL_ORDERS = "several_orders", "It may belong to several orders."
    STALE_CARD = "stale_card", "The contact's card tells of another order, so it may be the other one's answer."
    OTHER_NUMBER = "other_number", "Its call rang another number than the order has now."
    JOINT_REFUSAL = "joint_refusal", "The call was about several orders, and it does not say which one is refused."
    EDITED = "edited", "The order's items, total or address were changed after its agent was told of it."
    # What it says.
    UNREADABLE = "unreadable", "It is not JSON with keys."
    UNKNOWN_WORD = "unknown_word", "It has a word that nobody has explained yet."
    TO_CONFIRM = "to_confirm", "It refuses the order in a word that was explained later: a person confirms the list."
    TOO_OLD = "too_old", "Its words were explained more than 72 hours after it came."
    CONTRADICTION = "contradiction", "It contradicts itself."
    DECIDED = "decided", "The order is decided already, and it says something else."
    NO_RIGHT = "no_right", "It wants to force a change, and came without the token that may."
    NO_ANSWER_SAID = "no_answer_said", "The talk came to its end, and it does not say with which answer."
    SAYS_NOTHING = "says_nothing", "It says nothing about the call."
    UNCLEAR = "unclear", "The customer's answer is unclear."
    CHANGED = "changed", "The customer wants the order changed."
    WRONG_PERSON = "wrong_person", "Somebody else answered at this number."
    DO_NOT_CALL = "do_not_call", "The customer does not want to be called: confirm the order another way."
    CALLED_AS_ASKED = "called_as_asked", "The customer is called again, at the time or in the language asked for."
    ASKED_OFTEN = "asked_often", "The customer has asked for as many further calls as follow by themselves."
    TOO_FAR = "too_far", "The customer wants to be called more than 7 days from now."
    NO_AGENT = "no_agent", "The customer wants to speak a language that no agent speaks."
    CALL_BACK = "call_back", "The customer wants to be called at another time."
    LANGUAGE = "language", "The customer wants to speak another language."
    ADDRESS = "address", "The customer gave another address."
    INVALID_NUMBER = "invalid_number", "The number cannot be rung."
    # What happened to it here.
    UNDONE = "undone", "A person undid the cancel that it asked for: the order has the status that it had before."
    NOT_JUDGED = "not_judged", "A fault of Ordercall's kept it from being judged; the log says which."
