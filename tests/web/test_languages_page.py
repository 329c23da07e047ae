"""Settings, languages and agents: which table, who speaks, and how many orders each line is about."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from forms_of_rules import changed, draft, form_of, in_force, publish, sent_by
from hypothesis import given

from ordercall.domain.calls.calling import Language
from ordercall.domain.policy.document import write_document
from ordercall.domain.policy.rules import Policy
from ordercall.web.view.policy_form import language_document, language_values
from properties import few
from random_policies import policies
from reading import look
from web_app import Page, Shop

LANGUAGES = "/settings/languages"


@given(policies)
@few(40)
def test_what_stands_in_the_form_of_a_policy_is_that_policy(policy: Policy) -> None:
    assert language_document(language_values(policy), policy, {}) == write_document(policy)


def line(page: Page, code: str) -> list[str]:
    """Return the line of a state in the table: its language, and its orders."""
    row = next(row for row in page.one("tbody").all("tr") if row.all("span", css="code", text=code))
    return [cell.text for cell in row.all("td")[1:]]


def test_each_line_says_in_which_language_and_how_many_orders_it_is_about(shop: Shop) -> None:
    shop.receive(1001, state="Gujarat")
    shop.receive(1002, state="Kerala")
    shop.pass_time(days=20)
    shop.receive(1003, state="Kerala")
    shop.pass_time(days=20)

    page = look(shop.person(), LANGUAGES)

    assert (line(page, "GJ"), line(page, "KL")) == (["Hindi", "0"], ["English", "1"])


def test_an_agent_and_a_line_of_the_own_table_are_published(shop: Shop, person: FlaskClient) -> None:
    added = {"agent_id_ta": "agent-tamil", "campaign_id_ta": "campaign-tamil"}

    page = draft(person, LANGUAGES, table="own", own_TN="ta", **added)
    answer = publish(person, page)

    assert changed(page) == [
        "Table of languages: as described: Gujarat in Hindi, all others in English →becomes own table",
        "Own table, Tamil Nadu: none →becomes Tamil",
        "Agent for Tamil, id: none →becomes agent-tamil",
        "Agent for Tamil, campaign: none →becomes campaign-tamil",
    ]
    assert line(page, "TN")[0] == "Tamil"
    assert answer.location == LANGUAGES
    agent = in_force(shop).policy.agent_for(Language.TAMIL)
    assert agent
    assert (agent.agent_id, agent.campaign_id) == ("agent-tamil", "campaign-tamil")


def test_an_agent_is_taken_out_by_emptying_its_ids(shop: Shop, person: FlaskClient) -> None:
    publish(person, draft(person, LANGUAGES, agent_id_ta="a", campaign_id_ta="c"))

    publish(person, draft(person, LANGUAGES, agent_id_ta="", campaign_id_ta=""))

    assert in_force(shop).policy.version == 3
    assert in_force(shop).policy.agent_for(Language.TAMIL) is None


def test_an_agent_without_a_campaign_is_refused(shop: Shop, person: FlaskClient) -> None:
    page = draft(person, LANGUAGES, agent_id_ta="agent-tamil")

    assert page.one("section", id="draft").has("li", text="Agent for Tamil has an agent_id and no campaign_id")
    assert sent_by(form_of(page))["agent_id_ta"] == "agent-tamil"


def test_once_the_policy_names_the_agents_no_page_says_that_their_settings_are_missing(new_shop: Any) -> None:
    shop = new_shop(KALIMERA_AGENT_ID_EN="", KALIMERA_AGENT_ID_HI="", KALIMERA_CAMPAIGN_ID="")
    person = shop.person()
    assert look(person).has("p", css="ban", text="Nobody is called: KALIMERA_AGENT_ID_EN, KALIMERA_AGENT_ID_HI")
    agents = {f"{name}_{code}": f"{name}-{code}" for name in ("agent_id", "campaign_id") for code in ("en", "hi")}

    publish(person, draft(person, LANGUAGES, **agents))

    assert not look(person).has("p", css="ban", text="Nobody is called")


@pytest.mark.parametrize(
    ("held", "free"),
    [
        ({"KALIMERA_CAMPAIGN_ID": "held"}, "agent_id"),
        ({"KALIMERA_CAMPAIGN_ID_EN": "held", "KALIMERA_CAMPAIGN_ID_HI": "held"}, "agent_id"),
        ({"KALIMERA_AGENT_ID_EN": "held", "KALIMERA_AGENT_ID_HI": "held"}, "campaign_id"),
    ],
)
def test_where_the_environment_names_one_of_an_agents_ids_the_page_takes_the_other(
    new_shop: Any, held: dict[str, str], free: str
) -> None:
    nothing = dict.fromkeys(("KALIMERA_AGENT_ID_EN", "KALIMERA_AGENT_ID_HI", "KALIMERA_CAMPAIGN_ID"), "")
    shop = new_shop(**nothing | held)
    person = shop.person()
    written = {f"{free}_{code}": f"{free}-{code}" for code in ("en", "hi")}

    publish(person, draft(person, LANGUAGES, **written))

    agents = in_force(shop).policy.agents
    other = {"agent_id": "campaign_id", "campaign_id": "agent_id"}[free]
    assert [getattr(agent, free) for agent in agents] == list(written.values())
    assert [getattr(agent, other) for agent in agents] == ["held", "held"]
    assert not look(person).has("p", css="ban", text="Nobody is called")


def test_an_agent_that_the_environment_names_cannot_be_edited(shop: Shop, person: FlaskClient) -> None:
    page = look(person, LANGUAGES)

    held = page.one("div", aria_labelledby="label-agents.en")
    assert "KALIMERA_AGENT_ID_EN" in page.one("main").text
    assert held.text.startswith(in_force(shop).policy.agents[0].agent_id)
    assert not page.has("input", name="agent_id_en")
    assert changed(draft(person, LANGUAGES, agent_id_en="another", table="india")) == [
        "Table of languages: as described: Gujarat in Hindi, all others in English"
        " →becomes the language of each state of India"
    ]


def test_a_change_of_hours_by_somebody_else_stays(shop: Shop, person: FlaskClient) -> None:
    mine = draft(person, LANGUAGES, table="india")
    publish(person, draft(person, delay_minutes="5"))

    refused = publish(person, mine)
    publish(person, Page(refused))

    assert refused.status_code == 409
    found = write_document(in_force(shop).policy)
    assert (found["language"]["table"], found["when"]["delay_minutes"]) == ("india", 5)
