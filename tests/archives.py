"""WARC files made for tests, good and bad."""

import gzip
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

PAGE = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title>
<meta property="og:type" content="article"><meta property="og:title" content="{title}"></head>
<body><article><h1>{title}</h1><p>{text}</p>
<p>Nhiều đại biểu nêu ý kiến về việc giữ nước cho đồng ruộng và sửa lại con đường liên thôn.</p>
<p>Chủ tọa kết luận rằng các thôn phải báo cáo kết quả trước ngày cuối cùng của tháng sau.</p>
</article></body></html>"""


def page(title: str, text: str = "Hội nghị bàn việc thực hiện Chỉ thị 05-CT/TW ở xã.") -> bytes:
    """An article's page."""
    return PAGE.format(title=title, text=text).encode()


def record(
    url: str,
    body: bytes,
    *,
    status: str = "200 OK",
    headers: Mapping[str, str] | None = None,
    date: str = "2019-05-06T07:08:09Z",
    kind: str = "response",
    packed: bool = True,
    truncated: str = "",
) -> bytes:
    """One record; its headers are as given, its body is taken as it is."""
    to = BytesIO()
    writer = WARCWriter(to, gzip=packed)
    told = {"Content-Type": "text/html; charset=utf-8", **(headers or {})}
    http = StatusAndHeaders(status, list(told.items()), protocol="HTTP/1.1")
    made = writer.create_warc_record(
        url,
        kind,
        payload=BytesIO(body),
        http_headers=http if kind in ("response", "revisit") else None,
        warc_headers_dict={
            "WARC-Date": date,
            **({"WARC-Truncated": truncated} if truncated else {}),
        },
    )
    writer.write_record(made)
    return to.getvalue()


def write(path: Path, records: Sequence[bytes]) -> Path:
    """A file of these."""
    path.write_bytes(b"".join(records))
    return path


def bomb(size: int) -> bytes:
    """So many zeros, packed by gzip."""
    to = BytesIO()
    with gzip.GzipFile(fileobj=to, mode="wb") as packer:
        block = bytes(1024 * 1024)
        for _ in range(size // len(block)):
            packer.write(block)
    return to.getvalue()
