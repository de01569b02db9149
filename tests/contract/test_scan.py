"""Reading a whole index in order, and changing exactly the writing that was read."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from elasticsearch import Elasticsearch

from connectors.dead.office import Office, Wanted
from connectors.elasticsearch import admin
from connectors.elasticsearch.bulk import Bulk
from connectors.elasticsearch.client import connect
from connectors.elasticsearch.documents import dead_action
from connectors.elasticsearch.scan import moment, scan
from streams.records import DeadLetter
from streams.settings import Elasticsearch as Server
from streams.settings import Settings
from tests import make_index
from tests.fakes import Patience

pytestmark = pytest.mark.servers

#: Hexadecimal ids, and keys of messages that are no record: before, between and behind them.
IDS = [
    *(f"{number * 7919 % 256:02x}{number:030x}" for number in range(60)),
    *("", "!", "0", "00", "0g", "9z", "a", "fe", "ff", "ffff", "fg", "g", "poison", "~", "ạ", "ﬀ"),
]  # fmt: skip


@pytest.fixture
def settings(elasticsearch_url: str, fresh_prefix: str) -> Settings:
    """Settings with indices of the test's own."""
    return Settings(elasticsearch=Server(url=elasticsearch_url, prefix=fresh_prefix[:-1]))


@pytest.fixture
def client(settings: Settings) -> Iterator[Elasticsearch]:
    """A search server with our templates."""
    with connect(settings.elasticsearch) as client:
        admin.ensure(client, settings)
        yield client


def write(client: Elasticsearch, settings: Settings, *letters: DeadLetter) -> None:
    """Writes dead letters as the sink does."""
    server = settings.elasticsearch
    actions = [dead_action(server.prefix, letter, "articles.dead/0/0") for letter in letters]
    verdicts = Bulk(client, server, Patience()).write(actions)
    assert {verdict.outcome for verdict in verdicts} == {"written"}


@pytest.mark.parametrize("page", [3, 20, 1000])
def test_every_document_comes_once_in_the_order_of_its_id(
    client: Elasticsearch, settings: Settings, page: int
) -> None:
    """However the ids are cut, with the fields that are asked for; what comes later is not seen."""
    letters = [make_index.dead_letter(id=id) for id in IDS]
    write(client, settings, *letters)
    with moment(client, settings.elasticsearch.prefix, "dead") as point:
        write(client, settings, make_index.dead_letter(id="later"))
        found = list(scan(client, point, ("reason", "at"), page=page))
        some = list(scan(client, point, (), {"terms": {"id": ["a", "poison", "x"]}}, page=page))
    assert [fields["id"][0] for fields in found] == sorted(IDS)
    assert {fields["reason"][0] for fields in found} == {"deadline"}
    assert {fields["at"][0] for fields in found} == {"2026-11-24T03:00:00.000Z"}
    assert [fields["id"][0] for fields in some] == ["a", "poison"]


def test_a_page_that_died_again_meanwhile_keeps_its_new_letter(
    client: Elasticsearch, settings: Settings
) -> None:
    """What is noted is noted of the letter that was read, not of a newer one in its place; and the
    same letter written again by the sink does not undo it."""
    old = make_index.dead_letter(stage="crawl", source="crawler", reason="http-status")
    newer = replace(old, at=old.at + timedelta(seconds=9))
    write(client, settings, old)
    with Office(settings) as office:
        (read,) = office.named(old.id)
        write(client, settings, newer)
        office.drop([read], "somebody")
        (there,) = office.named(old.id)
        assert (there.number, there.state, there.at) == (read.number, "open", newer.at)
        office.drop([there], "somebody")
        Bulk(client, settings.elasticsearch, Patience()).write(
            [dead_action(settings.elasticsearch.prefix, newer, "articles.dead/0/0")]
        )
        (dropped,) = office.named(old.id)
        assert (dropped.state, dropped.state_by) == ("dropped", "somebody")
        assert list(office.find(Wanted())) == []
        assert [letter.number for letter in office.find(Wanted(everything=True))] == [there.number]
