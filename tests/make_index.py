"""Builders of what the index and notify stages read, on top of `tests.make`."""

from dataclasses import replace
from typing import Any

from streams.alerts import FirstMention
from streams.identity import article_id, capture_id
from streams.records import Alert, DeadLetter, EnrichedArticle, Extraction
from tests import make

SEEN = make.MOMENT
URL = "https://bao.example/thoi-su/hoi-nghi.html"


def article(name: str = "bai-viet", keys: tuple[str, ...] = (), **changes: Any) -> EnrichedArticle:
    """The article `https://bao.example/<name>.html`, which names each of `keys` in a sentence."""
    url = f"https://bao.example/{name}.html"
    lines = [f"Chỉ thị {key} được nhắc tới tại hội nghị." for key in keys]
    text = "\n".join([*lines, f"Bài {name} nói về công tác ở cơ sở."])
    documents = (make.document(text, f"Chỉ thị {key}", key, type="Chỉ thị") for key in keys)
    record = make.enriched(
        text,
        Extraction(documents=tuple(documents)),
        id=article_id(url),
        url=url,
        canonical_url=url,
        title=f"Bài {name}",
        words="Bài nói về công_tác ở cơ_sở",
    )
    record = replace(record, **changes)
    return replace(record, capture=capture_id(record.id, record.title, record.text))


def article_with_a_mention_beyond_its_text(key: str) -> EnrichedArticle:
    """It decodes, and is no record that anybody can use."""
    made = article("qua-cuoi", (key,))
    (mention,) = made.facts.documents
    start = len(made.text) + 5000
    beyond = replace(mention, start=start, end=start + 10)
    return replace(made, facts=replace(made.facts, documents=(beyond,)))


def alert(key: str = "05-CT/TW", **changes: Any) -> Alert:
    """A first-mention alert of a document."""
    record = Alert(
        id=f"first:{key}",
        kind="first-mention",
        document=key,
        type="Chỉ thị",
        issuer="Bộ Chính trị",
        issued="2016-05-15",
        article=article_id(URL),
        outlet="bao",
        url=URL,
        title="Hội nghị sơ kết",
        published=SEEN,
        sentence=f"Hội nghị sơ kết việc thực hiện Chỉ thị {key}.",
        discovered_at=SEEN,
        created_at=SEEN,
    )
    return replace(record, **changes)


def dead_letter(**changes: Any) -> DeadLetter:
    """A dead letter of the enrich stage."""
    record = DeadLetter(
        id="a" * 32,
        stage="enrich",
        reason="deadline",
        detail="20 s were not enough",
        outlet="bao",
        url=URL,
        source="articles.raw/0/1",
        at=SEEN,
        content=b"<html>",
    )
    return replace(record, **changes)


def first_mention(key: str = "05-CT/TW", **changes: Any) -> FirstMention:
    """A first mention of a document, by the article `a`."""
    record = FirstMention(
        key=key,
        alert_id=f"first:{key}",
        type="Chỉ thị",
        number=key.partition("-")[0],
        year=None,
        symbol=key.partition("-")[2],
        issuer=None,
        issued=None,
        title=None,
        article="a",
        outlet="bao",
        url=URL,
        article_title="Bài a",
        published=None,
        first_seen=SEEN,
        discovered_at=SEEN,
        sentence=f"Chỉ thị {key} được nhắc tới.",
        people=(),
    )
    return replace(record, **changes)
