"""One oddity of real pages at a time, and what becomes of it."""

from datetime import datetime

import pytest

from streams.page import VIETNAM, read

ADDRESS = "https://baomau.example.vn/bai-mau-1234567.html"
TITLE = "Tỉnh Mẫu công bố kết quả khảo sát đầu năm"
HEADLINE = "Một tít bài khác dài hơn hai mươi lăm ký tự"
HEAD = f'<meta property="og:title" content="{TITLE}"><h1>{TITLE}</h1>'


def p(number: int) -> str:
    """A paragraph."""
    return f"<p>{line(number)}</p>"


def line(number: int) -> str:
    """The text of a paragraph."""
    return f"Đoạn văn số {number} kể về một sự việc ở xã Mẫu, đủ dài để được coi là đoạn văn."


def lines(html: str) -> list[str]:
    """The lines of the text of a page."""
    return read(html, ADDRESS).text.splitlines()


def article(**fields: str) -> str:
    """A JSON-LD article."""
    told = ",".join(f'"{key}":"{value}"' for key, value in fields.items())
    return f'<script type="application/ld+json">{{"@type":"NewsArticle",{told}}}</script>'


BODIES = {
    "cut in two by an advertisement": (
        f'<div><div class="content-detail">{p(1)}{p(2)}</div><div class=qc>Quảng cáo</div>'
        f'<div class="content-detail">{p(3)}</div></div>',
        [1, 2, 3],
    ),
    "given twice, for desktop and for mobile": (
        f'<div class="article-content desktop">{p(1)}{p(2)}</div>'
        f'<div class="article-content mobile">{p(1)}{p(2)}</div>',
        [1, 2],
    ),
    "in an element that is named like a lead": (
        f'<div class="article-description">{p(1)}{p(2)}{p(3)}</div>',
        [1, 2, 3],
    ),
    "in a form, as ASP.NET does": (
        f"<form id=aspnetForm><div class=c>{p(1)}{p(2)}{p(3)}</div></form>",
        [1, 2, 3],
    ),
    "in an element that is named like furniture": (
        f'<div class="share-print-content">{p(1)}{p(2)}{p(3)}</div>',
        [1, 2, 3],
    ),
    "hidden until a script shows it": (
        f'<div style="display: none">{"".join(p(n) for n in range(1, 7))}</div>',
        [1, 2, 3, 4, 5, 6],
    ),
    "with related news in the middle and after it": (
        f"<div class=article-body>{p(1)}<h4>Tin liên quan</h4>"
        "<p><a href=/1>Một tít bài khác dài hơn hai mươi lăm ký tự</a></p>"
        f"{p(2)}{p(3)}<h3>Đừng bỏ lỡ</h3>"
        "<ul><li><a href=/2>Thêm một tít bài khác dài hơn hai mươi lăm ký tự</a></ul></div>",
        [1, 2, 3],
    ),
    "with hash tags and a request to follow": (
        f"<div class=article-body>{p(1)}{p(2)}<p><a href=/t1>#mau</a> <a href=/t2>#thu</a></p>"
        "<p>Mời bạn đọc theo dõi Báo Mẫu trên Zalo</p></div>",
        [1, 2],
    ),
    "with title, date, section and author above it": (
        f"<div class=article-body><p>{TITLE}</p><p>Thứ hai, 14/9/2026 | 18:44 GMT+7</p>"
        f"<p class=author>Lê Mẫu</p>{p(1)}{p(2)}</div>",
        [1, 2],
    ),
    "with other articles and their summaries after it, without any class": (
        f"<div>{p(1)}{p(2)}{p(3)}"
        + "".join(f"<h2><a href=/{n}>{HEADLINE} {n}</a></h2>{p(n)}" for n in range(10, 16))
        + "</div>",
        [1, 2, 3],
    ),
    "in the cell of a page laid out in a table": (
        "<table><tr><td><a href=/1>Mục một</a><br><a href=/2>Mục hai</a></td>"
        f"<td><div>{line(1)}<br><br>{line(2)}<br><br>{line(3)}</div></td></tr></table>",
        [1, 2, 3],
    ),
    "in utility classes that look like furniture": (
        f'<div class="relative flex"><div class="md:relative position-relative">{p(1)}</div>'
        f'<div class="elementor-widget integrating">{p(2)}</div><p class="readable">{line(3)}</p></div>',
        [1, 2, 3],
    ),
    "with three links before its last paragraph": (
        f"<div>{p(1)}{p(2)}"
        + "".join(f"<p><a href=/{n}>{HEADLINE} {n}</a></p>" for n in range(3))
        + f"{p(3)}</div>",
        [1, 2, 3],
    ),
    "with a hidden copy of a related box": (
        f"<div class=article-body>{p(1)}<div hidden>{p(8)}</div>{p(2)}"
        f'<div style="color:red;display:none">{p(9)}</div></div>',
        [1, 2],
    ),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_body_is_whole_and_alone(case: str) -> None:
    """The body's paragraphs come through once, in order, and nothing else does."""
    body, expected = BODIES[case]
    assert lines(HEAD + body) == [line(number) for number in expected]


def test_a_body_that_only_json_ld_holds_is_taken_from_there() -> None:
    """A page that a script fills in has its text in `articleBody`."""
    told = f"<p>{line(1)}</p><p>{line(2)}</p>"
    page = read(article(headline=TITLE, articleBody=told) + "<div id=root></div>", ADDRESS)
    assert page.text.splitlines() == [line(1), line(2)]
    assert page.sources is not None
    assert page.sources["text"] == "json-ld"


def test_text_without_any_tag_of_its_own_is_read() -> None:
    """Line breaks alone may part the paragraphs."""
    assert lines(f"{HEAD}{line(1)}<br><br>{line(2)}") == [line(1), line(2)]


def test_a_link_within_a_sentence_stays_and_a_linked_file_too() -> None:
    """Only links that are whole lines and lead to other pages are teasers."""
    sentence = f"{line(1)} Xem <a href=/x>toàn bộ kết quả của cuộc khảo sát</a> của tỉnh."
    document = '<a href="/tep/57-NQ-TW.pdf">Toàn văn Nghị quyết số 57-NQ/TW ngày 22/12/2024</a>'
    found = lines(f"{HEAD}<div class=article-body><p>{sentence}</p><p>{document}</p>{p(2)}</div>")
    assert found[0].endswith("Xem toàn bộ kết quả của cuộc khảo sát của tỉnh.")
    assert found[1:] == ["Toàn văn Nghị quyết số 57-NQ/TW ngày 22/12/2024", line(2)]


def test_captions_stay_in_their_place() -> None:
    """A caption above the lead comes after it, one in a picture table stays where it is."""
    body = (
        "<div><figure><img><figcaption>Toàn cảnh. Ảnh: Mẫu</figcaption></figure>"
        "<div class=chapeau>Sapo của bài báo mẫu, dài hơn ba mươi ký tự.</div>"
        f'<div class="art-body">{p(1)}<table><tr><td><img></td></tr>'
        f"<tr><td>Ảnh: Quang cảnh hội nghị</td></tr></table>{p(2)}</div></div>"
    )
    assert lines(HEAD + body) == [
        "Sapo của bài báo mẫu, dài hơn ba mươi ký tự.",
        "Toàn cảnh. Ảnh: Mẫu",
        line(1),
        "Ảnh: Quang cảnh hội nghị",
        line(2),
    ]


@pytest.mark.parametrize(
    ("html", "title"),
    [
        (f"{HEAD}", TITLE),
        (f"<title>{TITLE} - Báo Mẫu | baomau.example.vn</title>", TITLE),
        (f'<meta property="og:title" content="{TITLE}"><h1><i>INFOGRAPHIC</i> {TITLE}</h1>', TITLE),
        (f'<meta property="og:title" content="{TITLE[:30]}..."><h1>{TITLE}</h1>', TITLE),
        (f"<title>Báo Mẫu</title><h1>{TITLE}</h1>", TITLE),
        (f"<h1>Báo Mẫu</h1>{article(headline=TITLE)}<h2>{TITLE}</h2>", TITLE),
        (
            article(headline="Tỉnh Mẫu: &amp;quot;Khảo sát&amp;quot; đầu năm"),
            'Tỉnh Mẫu: "Khảo sát" đầu năm',
        ),
        ("<title>Giá vàng - Đô la tăng mạnh</title>", "Giá vàng - Đô la tăng mạnh"),
    ],
)
def test_the_title_is_the_one_on_the_page(html: str, title: str) -> None:
    """Cut, decorated and site-branded titles become the one that a reader sees."""
    assert read(f"{html}<div class=article-body>{p(1)}{p(2)}</div>", ADDRESS).title == title


def at(*parts: int) -> datetime:
    """A time in Vietnam."""
    return datetime(*parts, tzinfo=VIETNAM)  # type: ignore[arg-type,misc]  # a date's numbers


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        # the date of today stands in the page's head, further from the title
        (
            f"<div class=date>Thứ Ba, 24/11/2026</div>{HEAD}<i>Cập nhật 08:15, 03/02/2026</i>",
            at(2026, 2, 3, 8, 15),
        ),
        # day and month the wrong way round for machines
        (
            article(headline=TITLE, datePublished="2026-03-05T08:00:00+07:00")
            + f"<h1>{TITLE}</h1><b class=time>03/05/2026 08:00</b>",
            at(2026, 5, 3, 8, 0),
        ),
        # two machines tell two times: the reader's one is right
        (
            article(headline=TITLE, datePublished="2026-03-05T07:12:00+07:00")
            + '<meta property="article:published_time" content="2026-03-05T08:00:00+07:00">'
            + f"<h1>{TITLE}</h1><b class=time>05/03/2026 08:00</b>",
            at(2026, 3, 5, 8, 0),
        ),
        # only the day for machines
        (
            article(headline=TITLE, datePublished="2026-03-05")
            + f"<h1>{TITLE}</h1><b class=time>05/03/2026 08:00</b>",
            at(2026, 3, 5, 8, 0),
        ),
        # dates of other articles
        (
            HEAD
            + "".join(
                f"<div class=r><a href=/{n}>Một tít bài khác dài hơn hai mươi lăm ký tự {n}</a>"
                "<i class=time>01/01/2026 10:00</i></div>"
                for n in range(4)
            ),
            None,
        ),
    ],
)
def test_the_time_is_the_one_on_the_page(html: str, expected: datetime | None) -> None:
    """Where machines' times disagree with each other or with the page, the page decides."""
    assert read(f"{html}<div class=article-body>{p(1)}{p(2)}</div>", ADDRESS).published == expected


@pytest.mark.parametrize(
    ("html", "authors"),
    [
        ("<div class=author>Phóng viên Lê Văn Mẫu 14/09/2026 08:05</div>", ("Lê Văn Mẫu",)),
        ("<div class=author>Báo Mẫu</div>", ()),
        ("<div class=author>TTXVN</div>", ()),
        ("<div class=author>baomau.example.vn</div>", ()),
        ("<div><b>Quốc Mẫu</b> - <i>08:05 03/12/2026</i></div>", ("Quốc Mẫu",)),
        ('<meta name=author content="admin"><span class=byline>Bài, ảnh: Hà Mẫu và Đỗ Mẫu</span>',
         ("Hà Mẫu", "Đỗ Mẫu")),
        (article(headline=TITLE, author="Báo Mẫu; Trần Mẫu"), ("Trần Mẫu",)),
    ],
)  # fmt: skip
def test_authors_are_persons(html: str, authors: tuple[str, ...]) -> None:
    """Outlets, agencies, accounts, dates and labels are no authors."""
    page = read(f"{HEAD}{html}<div class=article-body>{p(1)}{p(2)}</div>", ADDRESS)
    assert page.authors == authors


def test_a_byline_at_the_end_is_text_and_author() -> None:
    """The last line of the body that is a name stays in the text."""
    page = read(
        f"{HEAD}<div class=article-body>{p(1)}{p(2)}<p>Hà Mẫu (tổng hợp)</p></div>", ADDRESS
    )
    assert page.authors == ("Hà Mẫu",)
    assert page.text.endswith("\nHà Mẫu (tổng hợp)")


ITEMS = {
    "cards": "<div><h3><a href=/{n}>{headline} {n}</a></h3><p>{text}</p></div>",
    "table rows": "<tr><td><img></td><td><a href=/{n}>{headline} {n}</a><br>{text}</td></tr>",
    "lines": "<p><a href=/{n}>{headline} {n}</a><br>{text}</p>",
    "headings and paragraphs": "<h2><a href=/{n}>{headline} {n}</a></h2><p>{text}</p>",
    "linked cards": "<a href=/{n}><h3>{headline} {n}</h3><p>{text}</p></a>",
}


@pytest.mark.parametrize("case", ITEMS)
def test_a_list_without_class_or_metadata_is_told_by_its_shape(case: str) -> None:
    """Headlines that lead elsewhere, each with its summary, make a list, whatever their tags."""
    items = "".join(
        ITEMS[case].format(n=n, headline=HEADLINE, text=f"{line(n)} {line(n + 50)}")
        for n in range(20)
    )
    page = f'<meta property="og:type" content="article"><h1>Thời sự</h1><table>{items}</table>'
    assert read(page, "https://baomau.example.vn/thoi-su/").kind == "list"
