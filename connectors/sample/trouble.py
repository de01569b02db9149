"""A server of bad input for tests: everything that can be wrong with a page or a feed, made on the fly.

`CASES` says what each must end in. Every page case has a feed of its own, `/feed/<name>.xml`, that
lists a good article beside it: what goes wrong with one page must not disturb the next.
"""

import random
import threading
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Literal

from connectors.sample.serving import HTML, PLAIN, Reply, Request, Server
from streams.errors import Reason

_MB = 1024 * 1024
_RSS = "application/rss+xml; charset=utf-8"
_CHUNK_PARAGRAPHS = 200
_TONES = "\u0300\u0301\u0303\u0309\u0323"  # windows-1258 has tone marks only as combining ones
_PARAGRAPH = (
    "Trạm thủy văn đầu nguồn sông Trà cho biết mực nước sáng nay thấp hơn hôm qua hai gang tay. "
    "Người dân được nhắc thực hiện Chỉ thị số 05-CT/TW bằng những việc nhỏ nhất trong ngày."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One kind of bad input.

    Attributes:
        name: also the name of its feed, `/feed/<name>.xml`.
        path: where it is served.
        kind: a page, or a feed (which no single article can be blamed for).
        reason: the code that the page must end in. None for a page: it is read like any other. None
            for a feed: the crawler counts the failure, or takes what can be read, and goes on.
        or_read: a reader that copes with it anyway is right too.
    """

    name: str
    path: str
    kind: Literal["page", "feed"] = "page"
    reason: Reason | None = None
    or_read: bool = False


CASES = (
    Case(name="page-50mb", path="/page-50mb", reason=Reason.TOO_LARGE),
    Case(name="gzip-bomb", path="/gzip-bomb", reason=Reason.TOO_LARGE),
    Case(name="five-mb-text", path="/five-mb-text", reason=Reason.TOO_LARGE),
    # below the limit: it is read, or its enrichment runs into the deadline
    Case(name="four-mb-text", path="/four-mb-text", reason=Reason.DEADLINE, or_read=True),
    Case(name="windows-1258", path="/wrong-charset/windows-1258"),  # labelled as it is
    Case(name="utf-16-as-utf-8", path="/wrong-charset/utf-16-as-utf-8"),  # its BOM tells
    Case(name="utf-8-as-latin-1", path="/wrong-charset/utf-8-as-latin-1"),
    Case(
        name="1258-as-utf-8",
        path="/wrong-charset/1258-as-utf-8",
        reason=Reason.BAD_ENCODING,
        or_read=True,
    ),
    Case(name="noise-as-html", path="/wrong-charset/noise", reason=Reason.BAD_ENCODING),
    Case(name="redirect-loop", path="/redirect-loop", reason=Reason.REDIRECT_LOOP),
    Case(name="slow", path="/slow", reason=Reason.UNREACHABLE),
    Case(name="chunked-cut", path="/chunked-cut", reason=Reason.UNREACHABLE),
    Case(name="500", path="/500", reason=Reason.HTTP_STATUS),
    Case(name="404", path="/404", reason=Reason.GONE),
    Case(name="410", path="/410", reason=Reason.GONE),
    Case(name="not-html", path="/not-html", reason=Reason.NOT_HTML),
    Case(name="binary", path="/binary", reason=Reason.NOT_HTML),
    Case(name="empty-text", path="/empty-text", reason=Reason.EMPTY_TEXT),
    Case(name="list-page", path="/list-page", reason=Reason.LIST_PAGE),
    Case(name="robots-forbidden", path="/robots-forbidden/page", reason=Reason.ROBOTS),
    Case(name="feed-not-xml", path="/feed-not-xml", kind="feed"),
    Case(name="feed-cut", path="/feed-cut", kind="feed"),
    Case(name="feed-empty", path="/feed-empty", kind="feed"),
    Case(name="feed-odd-links", path="/feed-odd-links", kind="feed"),
    Case(name="feed-500", path="/feed-500", kind="feed"),
    Case(name="huge-feed", path="/huge-feed", kind="feed"),
)

#: How many entries `/huge-feed` has; each leads to a good article of its own.
HUGE_FEED_ENTRIES = 20_000


def good_path(name: str) -> str:
    """Where the good article beside a case stands."""
    return f"/good/{name}.html"


@contextmanager
def trouble_server(*, drip: float = 1.0) -> Iterator[str]:
    """Serve all `CASES` on a free port of 127.0.0.1 and give the base URL.

    `drip` is the pause in seconds between two bytes of `/slow`, which never ends by itself.
    """
    server, stopped = Server("127.0.0.1", 0), threading.Event()
    server.mount(_Trouble(server.base_url, drip, stopped).reply)
    with server:
        try:
            yield server.base_url
        finally:
            stopped.set()


class _Trouble:
    def __init__(self, base_url: str, drip: float, stopped: threading.Event) -> None:
        self._base_url = base_url
        self._drip = drip
        self._stopped = stopped
        self._routes: dict[str, Callable[[], Reply]] = {
            **_ROUTES,
            "/slow": lambda: Reply(body=self._drops(_page("Trang chậm").encode())),
            "/feed-cut": lambda: Reply(content_type=_RSS, body=self._cut_feed()),
            "/feed-empty": lambda: self._feed([]),
            "/feed-odd-links": lambda: Reply(content_type=_RSS, body=self._odd_links()),
            "/huge-feed": lambda: Reply(content_type=_RSS, body=self._huge_feed()),
        }

    def reply(self, request: Request) -> Reply:
        """The answer to a request."""
        if route := self._routes.get(request.path):
            return route()
        folder, _, name = request.path.strip("/").partition("/")
        if folder == "good" and name.endswith(".html"):
            return Reply(body=_page(f"Bài tốt {name.removesuffix('.html')}").encode())
        if folder == "feed" and name.endswith(".xml"):
            return self._case_feed(name.removesuffix(".xml"))
        return Reply(status=404, content_type=HTML, body=_page("Không tìm thấy").encode())

    def _case_feed(self, name: str) -> Reply:
        pages = [case for case in CASES if case.kind == "page" and name in (case.name, "all")]
        if not pages and name != "good":
            return Reply(status=404, body=_page("Không có nguồn tin này").encode())
        return self._feed([*(case.path for case in pages), good_path(name)])

    def _feed(self, paths: Sequence[str]) -> Reply:
        items = "".join(_item(f"Bài ở {path}", self._base_url + path) for path in paths)
        return Reply(content_type=_RSS, body=_rss(items).encode())

    def _cut_feed(self) -> bytes:
        items = "".join(_item(f"Bài {n}", f"{self._base_url}/good/cut-{n}.html") for n in (1, 2, 3))
        whole = _rss(items)
        return whole[: whole.rindex("<link>")].encode()

    def _odd_links(self) -> bytes:
        no_link = "<item><title>Bài không có địa chỉ</title></item>"
        links = ("javascript:void(0)", "mailto:toasoan@dongtin.example", "/good/relative.html")
        odd = "".join(_item("Bài có địa chỉ lạ", link) for link in links)
        twice = _item("Bài tốt", f"{self._base_url}/good/odd.html") * 2
        return _rss(no_link + odd + twice).encode()

    def _huge_feed(self) -> Iterator[bytes]:
        head, tail = _rss("\n").split("\n", 1)
        yield head.encode()
        for number in range(HUGE_FEED_ENTRIES):
            link = f"{self._base_url}/good/huge-{number}.html"
            yield _item(f"Bài số {number}", link).encode()
        yield tail.encode()

    def _drops(self, page: bytes) -> Iterator[bytes]:
        """A byte now and then, for as long as the server runs."""
        for byte in page:
            yield bytes([byte])
            if self._stopped.wait(self._drip):
                return
        while not self._stopped.wait(self._drip):
            yield b" "


def _page(title: str, paragraphs: Sequence[str] = (_PARAGRAPH,) * 4, charset: str = "utf-8") -> str:
    head, tail = _halves(title, charset)
    return head + "".join(f"<p>{escape(text)}</p>\n" for text in paragraphs) + tail


def _halves(title: str, charset: str = "utf-8") -> tuple[str, str]:
    head = (
        f'<!DOCTYPE html>\n<html lang="vi"><head><meta charset="{charset}">'
        f"<title>{escape(title)}</title>"
        '<meta property="og:type" content="article">'
        f'<meta property="og:title" content="{escape(title)}"></head>\n'
        f'<body><nav><a href="/">Trang chủ</a></nav><article><h1>{escape(title)}</h1>\n'
    )
    return head, "</article><footer>Trang thử</footer></body></html>\n"


def _long_page(size: int) -> Iterator[bytes]:
    """An article page with `size` bytes of text or a little more, in chunks."""
    head, tail = (half.encode() for half in _halves("Bài rất dài"))
    chunk = f"<p>{_PARAGRAPH}</p>\n".encode() * _CHUNK_PARAGRAPHS
    yield head
    for _ in range(-(-size // (len(_PARAGRAPH.encode()) * _CHUNK_PARAGRAPHS))):
        yield chunk
    yield tail


def _gzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(9, wbits=31)  # 31: a gzip header
    yield from filter(None, map(packer.compress, chunks))
    yield packer.flush()


def _first_half(page: str) -> Iterator[bytes]:
    yield page.encode()[: len(page) // 2]


def _list_page() -> str:
    items = "".join(
        f'<li><h3><a href="/good/list-{n}.html">Tiêu đề thứ {n} của trang danh mục</a></h3>'
        f"<p>Tóm tắt ngắn của bài thứ {n}.</p></li>"
        for n in range(40)
    )
    head = '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>Thời sự</title>'
    return f'{head}<meta property="og:type" content="website"></head><body><ul>{items}</ul></body></html>'


def _encoded(charset: str, *, label: str) -> Reply:
    page = _page("Sông Trà cạn nước", charset=label)
    body = _windows_1258(page) if charset == "windows-1258" else page.encode(charset)
    return Reply(content_type=f"text/html; charset={label}", body=body)


def _windows_1258(text: str) -> bytes:
    """Vietnamese as Windows wrote it: a letter with its hat, then the tone mark."""
    marks = unicodedata.normalize("NFD", text)
    parts: list[str] = []
    for character in marks:
        if unicodedata.combining(character) and character not in _TONES:
            # NFD puts a dot below before a hat: the hat belongs to the letter
            at = -2 if parts[-1] in _TONES else -1
            parts[at] = unicodedata.normalize("NFC", parts[at] + character)
        else:
            parts.append(character)
    return "".join(parts).encode("cp1258")


def _noise(size: int) -> bytes:
    """The same bytes each time; no charset makes text of them."""
    return random.Random(size).randbytes(size)  # noqa: S311 - noise for tests, not a secret


def _redirect(path: str) -> Reply:
    return Reply(status=302, headers={"Location": path})


def _item(title: str, link: str) -> str:
    return f"<item><title>{escape(title)}</title><link>{escape(link)}</link></item>\n"


def _rss(items: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>Nguồn tin thử</title>{items}</channel></rss>"
    )


_ROUTES: dict[str, Callable[[], Reply]] = {
    "/robots.txt": lambda: Reply(
        content_type=PLAIN, body=b"User-agent: *\nDisallow: /robots-forbidden/\n"
    ),
    "/page-50mb": lambda: Reply(body=_long_page(50 * _MB)),
    "/gzip-bomb": lambda: Reply(
        body=_gzip(_long_page(100 * _MB)), headers={"Content-Encoding": "gzip"}
    ),
    "/five-mb-text": lambda: Reply(body=b"".join(_long_page(5 * _MB))),
    "/four-mb-text": lambda: Reply(body=b"".join(_long_page(4 * _MB))),
    "/wrong-charset/windows-1258": lambda: _encoded("windows-1258", label="windows-1258"),
    "/wrong-charset/utf-16-as-utf-8": lambda: _encoded("utf-16", label="utf-8"),
    "/wrong-charset/utf-8-as-latin-1": lambda: _encoded("utf-8", label="iso-8859-1"),
    "/wrong-charset/1258-as-utf-8": lambda: _encoded("windows-1258", label="utf-8"),
    "/wrong-charset/noise": lambda: Reply(body=_noise(20_000)),
    "/redirect-loop": lambda: _redirect("/redirect-loop/again"),
    "/redirect-loop/again": lambda: _redirect("/redirect-loop"),
    "/chunked-cut": lambda: Reply(body=_first_half(_page("Trang bị cắt")), cut=True),
    "/500": lambda: Reply(status=500, body=_page("Lỗi máy chủ").encode()),
    "/404": lambda: Reply(status=404, body=_page("Không tìm thấy").encode()),
    "/410": lambda: Reply(status=410, body=_page("Bài đã gỡ").encode()),
    "/not-html": lambda: Reply(content_type="application/pdf", body=b"%PDF-1.7\n" + _noise(5_000)),
    "/binary": lambda: Reply(content_type="application/octet-stream", body=_noise(20_000)),
    "/empty-text": lambda: Reply(body=_page("Bài chưa có nội dung", []).encode()),
    "/list-page": lambda: Reply(body=_list_page().encode()),
    "/robots-forbidden/page": lambda: Reply(body=_page("Trang cấm máy").encode()),
    "/feed-not-xml": lambda: Reply(content_type=_RSS, body=_page("Hệ thống đang bảo trì").encode()),
    "/feed-500": lambda: Reply(status=500, content_type=_RSS, body=b""),
}
