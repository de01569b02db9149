"""Many pages at once, of the size that pages have, put straight into `articles.raw`."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psutil
from kafka import KafkaProducer

from connectors.sample.articles import load_articles
from connectors.sample.render import article_page
from connectors.sample.schedule import Published
from connectors.stack.figures import usage_of
from streams import codec, identity, topics
from streams.records import FeedEntry, RawArticle

#: Bytes of script and style around a page's text, as on a newspaper's page.
_AROUND = 50_000
_PADS = 20


def pages(count: int, *, mark: str = "flood") -> Iterator[RawArticle]:
    """So many different articles: the sample outlet's, under addresses of their own, each with a
    sentence of its own."""
    chance = random.Random(7)
    pads = [
        f"<script>var x='{chance.randbytes(_AROUND // 2).hex()}'</script>" for _ in range(_PADS)
    ]
    now = datetime.now(UTC)
    shown = [Published(article=article, at=now) for article in load_articles()]
    html = [article_page(one, "https://bao.example", shown[:8]) for one in shown]
    for number in range(count):
        url = f"https://bao.example/{mark}/{number}.html"
        own = f"<p>Bản tin số {number} của loạt {mark}.</p></body>"
        page = html[number % len(html)].replace("</body>", pads[number % _PADS] + own)
        canonical = identity.canonical_url(url)
        yield RawArticle(
            id=identity.article_id(canonical),
            url=url,
            canonical_url=canonical,
            outlet="bao",
            first_seen=now,
            discovered_at=now,
            fetched_at=now,
            status=200,
            headers={"content-type": "text/html"},
            feed=FeedEntry(title=shown[number % len(shown)].article.front.title, published=now),
            html=page,
        )


def absorb(kafka: str, count: int, *, mark: str = "flood") -> int:
    """Puts the pages into the broker; returns their bytes when it has them all."""
    producer = KafkaProducer(
        bootstrap_servers=kafka,
        acks="all",
        compression_type="zstd",
        linger_ms=20,
        max_request_size=topics.MAX_MESSAGE_BYTES,
    )
    size, sent = 0, []
    try:
        for page in pages(count, mark=mark):
            value = codec.encode(page)
            size += len(value)
            sent.append(producer.send(topics.RAW.name, key=page.id.encode(), value=value))
            if len(sent) >= 500:  # a bounded number under way: its errors are heard in time
                for future in sent:
                    future.get(timeout=120)
                sent = []
        for future in sent:
            future.get(timeout=120)
    finally:
        producer.close(30)
    return size


@dataclass(slots=True, kw_only=True)
class Memory:
    """What processes hold, each with all below it, relative to an earlier moment."""

    pids: dict[str, int]
    idle: dict[str, int] = field(default_factory=dict)
    highest: dict[str, int] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)

    def rest(self) -> None:
        """This moment is what all others are compared with."""
        self.look()
        self.idle = dict(self.last)
        self.highest = dict(self.last)

    def look(self) -> None:
        """Looks once."""
        self.last = {name: usage_of(pid).memory for name, pid in self.pids.items()}
        for name, held in self.last.items():
            assert psutil.pid_exists(self.pids[name]), f"{name} has ended"
            self.highest[name] = max(held, self.highest.get(name, 0))

    def factor(self, name: str) -> float:
        """The most that a process has held since `rest`, as a multiple of what it held then."""
        return self.highest[name] / self.idle[name]
