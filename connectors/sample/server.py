"""The sample outlet as a web server: feeds, list pages and article pages that appear over time."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from connectors.sample import render
from connectors.sample.articles import SECTIONS, Article, load_articles
from connectors.sample.schedule import Published, Schedule
from connectors.sample.serving import HTML, JSON, PLAIN, Reply, Request, Server, conditional

_ROBOTS = b"User-agent: *\nDisallow: /tim-kiem\nDisallow: /tag/\nAllow: /\n"
_BY_PATH = {f"/{path}/": name for name, path in SECTIONS.items()}


def utc_now() -> datetime:
    """The clock that is used unless another is given."""
    return datetime.now(UTC)


class SampleOutlet:
    """ "Báo Dòng Tin" on loopback; a context manager that serves from a thread.

    Args:
        host: loopback address to listen on.
        port: 0 takes a free one.
        initial: how many articles are published at the start.
        interval: seconds between the others.
        started: when publishing began. Give it again after a restart and nothing is forgotten.
        clock: tells the time, aware.
        articles: what to publish, in order.

    Raises:
        OSError: the port is taken.
        ConfigError: an article file is wrong.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        initial: int = 12,
        interval: float = 2.0,
        started: datetime | None = None,
        clock: Callable[[], datetime] = utc_now,
        articles: Sequence[Article] | None = None,
    ) -> None:
        self._clock = clock
        self.schedule = Schedule(
            articles=load_articles() if articles is None else articles,
            started=started or clock(),
            initial=initial,
            interval=timedelta(seconds=interval),
        )
        self._server = Server(host, port)
        self.base_url = self._server.base_url
        self._server.mount(self.reply)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stop()

    def serve_forever(self) -> None:
        """Serve from the calling thread until it is interrupted."""
        self._server.serve_forever()

    def published(self) -> dict[str, datetime]:
        """Address -> moment of publication, of everything published by now."""
        return {self.base_url + p.article.path: p.at for p in self._shown()}

    def _shown(self) -> tuple[Published, ...]:
        return self.schedule.published(self._clock())

    def reply(self, request: Request) -> Reply:
        """The answer to a request; pure but for the clock."""
        shown = self._shown()
        if request.path in ("/rss.xml", "/atom.xml"):
            return self._feed(request, shown)
        if request.path == "/robots.txt":
            return Reply(content_type=PLAIN, body=_ROBOTS)
        if request.path == "/published.json":
            return Reply(content_type=JSON, body=self._account(shown))
        if request.path == "/" or request.path in _BY_PATH:
            return self._list(shown, _BY_PATH.get(request.path))
        return self._article(request, shown)

    def _feed(self, request: Request, shown: Sequence[Published]) -> Reply:
        newest = shown[-1].at if shown else self.schedule.started
        if request.path == "/rss.xml":
            body = render.rss(shown, self.base_url)
            content_type = "application/rss+xml; charset=utf-8"
        else:
            body = render.atom(shown, self.base_url, self.schedule.started)
            content_type = "application/atom+xml; charset=utf-8"
        return conditional(request, Reply(content_type=content_type, body=body), newest)

    def _list(self, shown: Sequence[Published], section: str | None) -> Reply:
        wanted = [p for p in shown if section in (None, p.article.front.section)]
        return Reply(body=render.list_page(wanted, self.base_url, section).encode())

    def _article(self, request: Request, shown: Sequence[Published]) -> Reply:
        for found in shown:
            if found.article.path == request.path:
                others = [p for p in reversed(shown) if p is not found]
                page = render.article_page(found, self.base_url, others).encode()
                return conditional(request, Reply(content_type=HTML, body=page), found.at)
        return Reply(status=404, body=render.not_found_page(self.base_url).encode())

    def _account(self, shown: Sequence[Published]) -> bytes:
        """What has been published when, for whoever checks that all of it arrived."""
        account = {
            "started": self.schedule.started.isoformat(),
            "complete_at": self.schedule.complete_at.isoformat(),
            "total": len(self.schedule.articles),
            "published": [
                {
                    "url": self.base_url + p.article.path,
                    "slug": p.article.front.slug,
                    "title": p.article.front.title,
                    "published": p.at.isoformat(),
                    "documents": p.article.front.documents,
                    "incomplete_documents": p.article.front.incomplete_documents,
                }
                for p in shown
            ],
        }
        return json.dumps(account, ensure_ascii=False).encode()
