"""The register of documents: one suite for the fake and for Elasticsearch."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from connectors.elasticsearch import admin
from connectors.elasticsearch.client import connect
from connectors.elasticsearch.declared import index
from connectors.elasticsearch.register import DocumentRegister
from streams import settings
from streams.alerts import Claim, Register
from streams.errors import Retry
from tests import make_index
from tests.fakes import FakeRegister
from tests.trouble_proxy import TroubleProxy

KEYS = ["05-CT/TW", "24/2024/NĐ-CP", "Luật Đất đai 2024", "a?b#c&d%2F\\", "..", "ố" * 400]


@pytest.fixture(scope="module")
def server(elasticsearch_url: str) -> settings.Elasticsearch:
    """A search server that knows nothing of us."""
    return settings.Elasticsearch(url=elasticsearch_url, prefix=f"t{uuid.uuid4().hex[:10]}")


@pytest_asyncio.fixture(params=["fake", pytest.param("real", marks=pytest.mark.servers)])
async def register(request: pytest.FixtureRequest) -> AsyncIterator[Register]:
    """An empty register."""
    if request.param == "fake":
        yield FakeRegister()
        return
    server = request.getfixturevalue("server")
    register = DocumentRegister.connect(server)
    yield register
    await register.close()
    with connect(server) as client:
        assert admin.differences(client, settings.Settings(elasticsearch=server)) == ()
        client.indices.delete(index=index(server.prefix, "documents"))


@pytest.mark.parametrize("key", KEYS)
async def test_the_first_claim_stands(register: Register, key: str) -> None:
    """Every key, whatever its characters and its length, is new once."""
    first = make_index.first_mention(key)
    assert await register.claim(first) is Claim.NEW
    await register.told(key, first.alert_id)
    assert await register.claim(first) is Claim.KNOWN
    assert await register.claim(make_index.first_mention(key, article="b")) is Claim.KNOWN


async def test_a_claim_that_was_not_told_is_the_same_articles_still(register: Register) -> None:
    """A crash between claiming and telling loses no alert, and gives it to no other article."""
    await register.claim(make_index.first_mention(article="a"))
    assert await register.claim(make_index.first_mention(article="b")) is Claim.CLAIMED
    assert await register.claim(make_index.first_mention(article="a")) is Claim.UNTOLD


@pytest.mark.servers
async def test_an_answer_that_is_none_is_not_believed(server: settings.Elasticsearch) -> None:
    """200 with something else in it, as a proxy may give: neither a claim nor a note has been written."""
    proxy, first = TroubleProxy(server.url), make_index.first_mention("7-CT/TW")
    register = DocumentRegister.connect(replace(server, url=proxy.url))
    proxy.make("garbage")
    for write in (register.claim(first), register.told(first.key, first.alert_id)):
        with pytest.raises(Retry):
            await write
    proxy.make("none")
    assert await register.claim(first) is Claim.NEW
    await register.told(first.key, first.alert_id)
    assert await register.claim(first) is Claim.KNOWN
    await register.close()
    proxy.close()


async def test_a_quiet_claim_is_known_at_once(register: Register) -> None:
    """What a back-filled article mentions is not told by it, nor by any later one."""
    first = make_index.first_mention(article="a", quiet=True)
    assert await register.claim(first) is Claim.NEW
    assert await register.claim(first) is Claim.KNOWN
    assert await register.claim(make_index.first_mention(article="b")) is Claim.KNOWN


async def test_telling_twice_changes_nothing(register: Register) -> None:
    """The answer to the first telling may have been lost."""
    await register.claim(make_index.first_mention())
    await register.told("05-CT/TW", "first:05-CT/TW")
    await register.told("05-CT/TW", "first:05-CT/TW")
    assert await register.claim(make_index.first_mention()) is Claim.KNOWN


async def test_of_many_claims_at_once_one_is_new(register: Register) -> None:
    """Among all workers exactly one tells."""
    mentions = [make_index.first_mention(article=f"a{n}") for n in range(20)]
    claims = await asyncio.gather(*(register.claim(mention) for mention in mentions))
    assert claims.count(Claim.NEW) == 1
    assert claims.count(Claim.CLAIMED) == 19


async def test_a_server_that_is_away_is_asked_again_later() -> None:
    """Nothing is claimed or told by an error."""
    register = DocumentRegister.connect(settings.Elasticsearch(url="http://127.0.0.1:9"))
    with pytest.raises(Retry):
        await register.claim(make_index.first_mention())
    with pytest.raises(Retry):
        await register.told("05-CT/TW", "first:05-CT/TW")
    await register.close()
