"""An edited article keeps its id; its earlier wording is kept, and what changed can be asked for."""

import json

import pytest

from streams.identity import article_id, canonical_url
from tests.pipeline.conftest import Flow
from tests.pipeline.running import until

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(600)]


def test_what_an_edit_changed_can_be_asked_for(flow: Flow) -> None:
    """One article, two captures; mentions are those of the new wording; each document told once."""
    url = f"{flow.edited.url}/sua.html"
    id = article_id(canonical_url(url))
    before = {one["_id"] for one in flow.running.search("articles")}
    flow.edited.edit()

    def keys() -> list[str]:
        found = flow.running.search("mentions", term={"article": id})
        return sorted(mention["key"] for mention in found)

    until(lambda: keys() == ["906-CT/TW"], "the new wording")
    assert {one["_id"] for one in flow.running.search("articles")} == before
    told = [alert["id"] for alert in flow.running.alerts()]
    until(lambda: "first:906-CT/TW" in {a["id"] for a in flow.running.alerts()}, "its alert")
    assert told.count("first:905-CT/TW") == 1

    answer = flow.running.command("revisions", url, "--json")
    assert answer.returncode == 0, answer.stderr
    first, second = json.loads(answer.stdout)["captures"]
    assert first["documents"]["gained"] == {"905-CT/TW": 1}
    assert second["documents"] == {"gained": {"906-CT/TW": 1}, "lost": {"905-CT/TW": 1}}
    assert second["people"] == {"gained": {"Trần Thị Mẫu": 1}, "lost": {"Lê Văn Thử": 1}}
    assert flow.running.command("revisions", id).stdout.count("906-CT/TW") == 1
    assert flow.running.command("revisions", "https://bao.example/none.html").returncode == 1


def test_the_ledger_counts_an_edited_article_once(flow: Flow) -> None:
    """It stays indexed while its page is fetched again, and after."""
    answer = flow.running.command("ledger", "--json", "--outlet", "sua")
    assert answer.returncode == 0
    told = json.loads(answer.stdout)
    assert (told["discovered"], told["indexed"]) == (1, 1)
