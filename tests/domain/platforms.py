"""How voice-agent platforms report a call, and the rules by which a shop would have each of them understood.

The bodies have the shapes of the platforms' public documents; who speaks in them is invented.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ordercall.domain.reports.words import Rule

ORDER, PHONE = 6300000001001, "+919876543210"


@dataclass(frozen=True)
class Example:
    """A body, and what must be read in it."""

    rules: list[Rule]
    body: dict[str, Any] = field(repr=False)
    said: dict[str, Any]


def rules(table: str) -> list[Rule]:
    """Return the rules of a table: path, word, key, and the key's value unless it is the word itself."""
    lines = [line.split("|") for line in table.strip().splitlines()]
    return [Rule(*(part.strip() for part in line)) for line in lines]


BOLNA = rules("""
    status | completed | completion | completed
    status | no-answer | connection | no_answer
    status | busy | connection | busy
    status | ringing | final | false
    status | in-progress | final | false
    answered_by_voice_mail | true | connection | voicemail
    answered_by_voice_mail | false |
    conversation_duration | 0 | connection | declined
    conversation_duration | * | duration_seconds
    telephony_data.to_number | * | phone
    telephony_data.recording_url | * | recording_url
    context_details.shopify_id | * | shopify_id
    extracted_data.*.order_answer.objective | Yes | answer | confirmed
    extracted_data.*.order_answer.objective | No | answer | refused
    extracted_data.*.order_answer.confidence | * | confidence
""")
SARVAM = rules("""
    connectivity_status | connected | connection | connected
    connectivity_status | no_answer | connection | no_answer
    completion_status | completed | completion | completed
    completion_status | partial | completion | partial
    completion_status | failed | completion | none
    next_action_status | null | final | true
    next_action_status | *retry | final | false
    user_identifier | * | shopify_id
    user_phone_number | * | phone
    duration | * | duration_seconds
    final_agent_variables.order | yes | answer | confirmed
    final_agent_variables.order | no | answer | refused
""")
RINGG = rules("""
    call_id | * |
    event_type | all_processing_completed | final | true
    event_type | call_completed | final | false
    status | completed | completion | completed
    status | retry | final | false
    custom_args_values.shopify_id | * | shopify_id
    to_number | * | phone
    client_analysis.order_status | CONFIRM | answer | confirmed
    client_analysis.order_status | CANCEL | answer | refused
    recording_url | * | recording_url
""")
EXOTEL = rules("""
    status | completed | connection | connected
    status | no-answer | connection | no_answer
    status | busy | connection | busy
    number | * | phone
    CustomField | * | shopify_id
    digits | 1 | answer | confirmed
    digits | 2 | answer | refused
""")
VAPI = rules("""
    message.type | end-of-call-report | final | true
    message.endedReason | customer-ended-call | connection | connected
    message.endedReason | customer-busy | connection | busy
    message.endedReason | customer-did-not-answer | connection | no_answer
    message.endedReason | voicemail | connection | voicemail
    message.endedReason | call.start.error-* | connection | failed
    message.call.metadata.shopify_id | * | shopify_id
    message.analysis.structuredData.confirmed | true | answer | confirmed
    message.analysis.structuredData.confirmed | false | answer | refused
    message.analysis.summary | * | summary
""")
RETELL = rules("""
    event | call_analyzed | final | true
    event | call_ended | final | false
    call.disconnection_reason | user_hangup | connection | connected
    call.disconnection_reason | agent_hangup | connection | connected
    call.disconnection_reason | dial_no_answer | connection | no_answer
    call.disconnection_reason | user_declined | connection | declined
    call.disconnection_reason | invalid_destination | connection | invalid_number
    call.disconnection_reason | voicemail_reached | connection | voicemail
    call.to_number | * | phone
    call.metadata.shopify_id | * | shopify_id
    call.call_analysis.custom_analysis_data.answer | keeps it | answer | confirmed
    call.call_analysis.custom_analysis_data.answer | cancels | answer | refused
    call.call_analysis.call_summary | * | summary
""")
ELEVENLABS = rules("""
    type | post_call_transcription | final | true
    type | call_initiation_failure | connection | failed
    data.failure_reason | busy |
    data.failure_reason | no-answer |
    data.conversation_initiation_client_data.dynamic_variables.shopify_id | * | shopify_id
    data.analysis.data_collection_results.order_answer.value | confirmed | answer | confirmed
    data.analysis.data_collection_results.order_answer.value | refused | answer | refused
    data.analysis.data_collection_results.order_answer | confirmed | answer | confirmed
    data.analysis.transcript_summary | * | summary
    data.metadata.call_duration_secs | * | duration_seconds
""")
OSVI = rules("""
    phone_number | * | phone
    call_status | picked | connection | connected
    call_status | not_picked | connection | no_answer
    call_status | busy | connection | busy
""")
TIMEPAY = rules("""
    call_id | * |
    disposition | Hangup |
    duration | * | duration_seconds
    extracted_data.order | confirmed | answer | confirmed
    extracted_data.order | wants hindi | language | hi
""")
FREYA = rules("""
    category | no_answer | connection | no_answer
    category | timeout | connection | unreachable
    willRetry | true | final | false
    willRetry | false | final | true
    metadata.phone | * | phone
""")
REVOX = rules("""
    call.is_completed | true | final | true
    call.is_completed | false | final | false
    call.metadata.shopify_id | * | shopify_id
    call_attempt.structured_output.answer | yes | answer | confirmed
    call_attempt.recording_url | * | recording_url
""")
CALL_E = rules("""
    status | completed | completion | completed
    structured_result.answer | yes | answer | confirmed
    metadata.shopify_id | * | shopify_id
""")
JUSPAY = rules("""
    order_id | * | shopify_id
    outcome | CONFIRM | answer | confirmed
    outcome | CANCEL | answer | refused
    outcome | ADDRESS_UPDATED | answer | confirmed
    outcome | NO_ANSWER | connection | no_answer
    outcome | BUSY |
    updated_address | * | address
    cancellation_reason | * | reason
""")

EXAMPLES = {
    "Bolna, confirmed": Example(
        BOLNA,
        {
            "id": "e1",
            "status": "completed",
            "conversation_duration": 41.2,
            "answered_by_voice_mail": False,
            "telephony_data": {"to_number": PHONE, "recording_url": "https://example.com/r"},
            "context_details": {"shopify_id": str(ORDER)},
            "extracted_data": {"order": {"order_answer": {"objective": "Yes", "confidence": 0.9}}},
            "custom_extractions": None,
        },
        {"answer": "confirmed", "completion": "completed", "shopify_id": ORDER, "confidence": 0.9, "final": True},
    ),
    "Bolna, completed though rejected": Example(
        BOLNA,
        {"status": "completed", "conversation_duration": 0, "telephony_data": {"to_number": PHONE}},
        {"connection": "declined", "answer": None, "phone": PHONE},
    ),
    "Bolna, still ringing": Example(BOLNA, {"status": "ringing", "extracted_data": None}, {"final": False}),
    "Sarvam, confirmed": Example(
        SARVAM,
        {
            "connectivity_status": "connected",
            "completion_status": "completed",
            "next_action_status": None,
            "user_identifier": str(ORDER),
            "user_phone_number": PHONE,
            "duration": 63,
            "final_agent_variables": {"order": "Yes"},
        },
        {"answer": "confirmed", "final": True, "duration_seconds": 63.0, "phone": PHONE, "connection": "connected"},
    ),
    "Sarvam, which tries again": Example(
        SARVAM,
        {
            "connectivity_status": "no_answer",
            "completion_status": "failed",
            "next_action_status": "business_retry",
            "duration": None,
            "user_identifier": str(ORDER),
        },
        {"connection": "no_answer", "final": False, "completion": "none"},
    ),
    "Ringg, the consolidated event": Example(
        RINGG,
        {
            "event_type": "all_processing_completed",
            "call_id": "theirs",
            "status": "completed",
            "custom_args_values": {"shopify_id": ORDER},
            "client_analysis": {"order_status": "cancel"},
            "transcript": [{"bot": "…"}, {"user": "…"}],
        },
        {"answer": "refused", "call_id": None, "final": True},
    ),
    "Ringg, an attempt of several": Example(
        RINGG,
        {"event_type": "all_processing_completed", "status": "retry", "to_number": PHONE},
        {"final": False, "phone": PHONE},
    ),
    "Exotel, a key was pressed": Example(
        EXOTEL,
        {"status": "completed", "number": "09876543210", "CustomField": str(ORDER), "digits": "2"},
        {"answer": "refused", "connection": "connected", "phone": PHONE},
    ),
    "Vapi": Example(
        VAPI,
        {
            "message": {
                "type": "end-of-call-report",
                "endedReason": "customer-ended-call",
                "call": {"metadata": {"shopify_id": ORDER}},
                "analysis": {"summary": "Keeps it.", "structuredData": {"confirmed": True}},
            }
        },
        {"answer": "confirmed", "summary": "Keeps it.", "final": True},
    ),
    "Vapi, a fault of its own": Example(
        VAPI,
        {"message": {"type": "end-of-call-report", "endedReason": "call.start.error-get-transport"}},
        {"connection": "failed", "answer": None},
    ),
    "Retell": Example(
        RETELL,
        {
            "event": "call_analyzed",
            "call": {
                "disconnection_reason": "user_hangup",
                "to_number": PHONE,
                "metadata": {"shopify_id": ORDER},
                "call_analysis": {"custom_analysis_data": {"answer": "Keeps it"}, "call_summary": "s"},
            },
        },
        {"answer": "confirmed", "connection": "connected", "phone": PHONE, "shopify_id": ORDER},
    ),
    "Retell, a wrong number": Example(
        RETELL,
        {"event": "call_ended", "call": {"disconnection_reason": "invalid_destination", "to_number": PHONE}},
        {"connection": "invalid_number", "final": False},
    ),
    "ElevenLabs": Example(
        ELEVENLABS,
        {
            "type": "post_call_transcription",
            "data": {
                "conversation_initiation_client_data": {"dynamic_variables": {"shopify_id": ORDER}},
                "analysis": {"data_collection_results": {"order_answer": {"value": "refused", "rationale": "…"}}},
                "metadata": {"call_duration_secs": 22},
            },
        },
        {"answer": "refused", "duration_seconds": 22.0, "shopify_id": ORDER},
    ),
    "ElevenLabs, a bare value": Example(
        ELEVENLABS,
        {
            "type": "post_call_transcription",
            "data": {"analysis": {"data_collection_results": {"order_answer": "confirmed"}}},
        },
        {"answer": "confirmed"},
    ),
    "OSVI": Example(OSVI, {"phone_number": PHONE, "call_status": "not_picked"}, {"connection": "no_answer"}),
    "Timepay": Example(
        TIMEPAY,
        {
            "event_type": "call",
            "call_id": "theirs",
            "phone": PHONE,
            "language": "en",
            "status": "Contacted",
            "disposition": "Hangup",
            "duration": 12,
            "extracted_data": {"order": "confirmed"},
        },
        {"answer": "confirmed", "phone": PHONE, "language": "en", "call_id": None},
    ),
    "Freya, which tries again": Example(
        FREYA,
        {"outcome": "failed", "category": "no_answer", "willRetry": True, "metadata": {"phone": PHONE}},
        {"connection": "no_answer", "final": False, "phone": PHONE},
    ),
    "Revox": Example(
        REVOX,
        {
            "call": {"is_completed": True, "metadata": {"shopify_id": ORDER}},
            "call_attempt": {"structured_output": {"answer": "YES"}, "recording_url": "https://example.com/r"},
        },
        {"answer": "confirmed", "final": True, "recording_url": "https://example.com/r"},
    ),
    "CALL-E, answered without a result": Example(
        CALL_E,
        {"status": "completed", "structured_result": None, "metadata": {"shopify_id": ORDER}},
        {"completion": "completed", "answer": None},
    ),
    "Juspay, confirmed with another address": Example(
        JUSPAY,
        {"order_id": str(ORDER), "outcome": "address_updated", "updated_address": {"zip": "380015"}},
        {"answer": "confirmed", "address": {"zip": "380015"}},
    ),
}
