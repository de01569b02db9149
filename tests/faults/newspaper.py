"""A newspaper of hundreds of small articles, each with documents of its own, printed when told to.

Everything follows from the article's number: what must be found is known before anything runs.
"""

import threading
from dataclasses import dataclass

from connectors.sample.serving import Reply, Request, Server
from streams.identity import article_id, canonical_url

#: Two neighbours name the same new document, so that two workers may claim it at one time.
SHARED_BY = 2
_FIRST_NUMBER = 100
_OFTEN = ("05-CT/TW", "Chỉ thị 05-CT/TW", 7)  # named by every seventh article

_PAGE = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title>
<meta property="og:type" content="article"><meta property="og:title" content="{title}">
<meta property="article:published_time" content="2026-11-20T08:00:00+07:00"></head>
<body><header><a href="/">Trang chủ</a></header><article><h1>{title}</h1>
{body}</article><footer>Báo Bền Bỉ</footer></body></html>"""

_TEXT = (
    "Sáng nay xã Trà Bồng số {n} mở lớp tập huấn cho cán bộ thôn, hơn bốn mươi người tới dự từ sớm.",
    "Người hướng dẫn nói {documents} là căn cứ để chi hỗ trợ cho các hộ bị mất mùa trong năm.",
    "Bà con hỏi nhiều về hồ sơ, thời hạn nộp và nơi nhận tiền; xã hẹn trả lời trong ba ngày làm việc.",
    "Buổi chiều lớp đi xem hai ruộng mẫu cạnh suối, nơi giống lúa mới vừa trổ đều sau mười ngày mưa.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article: where it stands, what its page holds, which documents it names."""

    path: str
    page: bytes
    documents: frozenset[str]


def story(number: int, mark: str = "") -> Story:
    """The article with this number.

    Args:
        mark: words in its text that a hostile extractor stumbles over (`sabotage.fragile`).
    """
    code = f"{_FIRST_NUMBER + number // SHARED_BY}/2025/NĐ-CP"
    key, name, every = _OFTEN
    documents = {code} | ({key} if number % every == 0 else set())
    named = f"Nghị định {code}" + (f" và {name}" if key in documents else "")
    lines = [line.format(n=number, documents=named) for line in _TEXT] + ([mark] if mark else [])
    body = "\n".join(f"<p>{line}</p>" for line in lines)
    page = _PAGE.format(title=f"Tập huấn cán bộ thôn, lớp thứ {number}", body=body)
    return Story(
        path=f"/bai/{number}.html",
        page=page.encode(),
        documents=frozenset() if mark else frozenset(documents),
    )


class Newspaper:
    """Serves stories, those that have been printed; a context manager.

    Args:
        stories: in the order of printing.
    """

    def __init__(self, stories: tuple[Story, ...]) -> None:
        self._stories = stories
        self._by_path = {story.path: story for story in stories}
        self._printed = 0
        self._lock = threading.Lock()
        self._server = Server("127.0.0.1", 0)
        self.url = self._server.base_url
        self._server.mount(self._reply)

    def __enter__(self) -> "Newspaper":
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def feed(self) -> str:
        """The feed's address."""
        return f"{self.url}/rss.xml"

    def print(self, count: int) -> None:
        """Prints the next stories."""
        with self._lock:
            self._printed = min(len(self._stories), self._printed + count)

    def printed(self) -> dict[str, Story]:
        """Article id -> story, of those printed so far."""
        with self._lock:
            shown = self._stories[: self._printed]
        return {self.id_of(story): story for story in shown}

    def id_of(self, story: Story) -> str:
        """The article id that a story has."""
        return article_id(canonical_url(self.url + story.path))

    def _reply(self, request: Request) -> Reply:
        shown = {story.path for story in self.printed().values()}
        if request.path == "/rss.xml":
            items = "".join(
                f"<item><title>{path}</title><link>{self.url}{path}</link></item>"
                for path in sorted(shown)
            )
            rss = f'<rss version="2.0"><channel><title>Bền Bỉ</title>{items}</channel></rss>'
            return Reply(content_type="application/rss+xml", body=rss.encode())
        if request.path in shown:
            return Reply(body=self._by_path[request.path].page)
        return Reply(status=404, body=b"")
