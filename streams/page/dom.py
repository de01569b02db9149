"""HTML as a tree, and the few questions that every later step asks of it. Never raises."""

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from streams.text import fold, nfc

Element = etree._Element
LONGEST = 12_000_000  # characters of a page that are looked at; the biggest of 19 real pages has 0.6 million

MOST_TAGS = 300_000  # that are looked at: bounds memory; of 19 real pages none has over 3,300
BLOCKS = frozenset(
    (
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "caption",
            "center",
            "dd",
            "details",
        ),
        *("dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1"),
        *("h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "main"),
        *("menu", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot"),
        *("th", "thead", "tr", "ul", "amp-img", "amp-carousel"),
    )
)
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# nothing in these is read as text by a reader of the page
_UNREAD = (
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed",
    "applet", "canvas", "button", "input", "select", "textarea", "option", "video", "audio",
    "map", "link", "amp-ad", "amp-analytics", "amp-social-share", "amp-sidebar", "amp-iframe",
)  # fmt: skip
_MOST_HIDDEN = 6  # paragraphs of a hidden element that a reader will never see
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_LETTERS = 600  # characters
_NO_LETTER = re.compile(r"[\W_]+")
_SPACE = re.compile(r"\s+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def parse(html: str) -> Element | None:
    """The page as a tree, None when there is no element in it."""
    text = _CONTROL.sub(" ", html[:LONGEST])
    if text.count("<") > MOST_TAGS:
        text = text[: next(islice(re.finditer("<", text), MOST_TAGS, None)).start()]
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True
    )
    try:
        root: Element | None = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return None
    return root


def strip_unread(root: Element) -> None:
    """Takes out what no reader sees: scripts, styles, controls, elements hidden by their style."""
    etree.strip_elements(root, *_UNREAD, with_tail=False)
    for element in list(root.iter(etree.Element)):
        if not element.get("style") and element.get("hidden") is None:
            continue
        style = element.get("style", "").replace(" ", "").lower()
        if element.get("hidden") is None and "display:none" not in style:
            continue
        # a script shows an article that is hidden at first
        if len(element.findall(".//p")) < _MOST_HIDDEN:
            drop(element)


def drop_head(root: Element) -> None:
    """Takes out what stands in the page's head: no reader sees it on the page."""
    for head in root.findall("head"):
        root.remove(head)


def drop(element: Element) -> None:
    """Takes an element out of its tree and leaves the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    element.tail = None
    parent.remove(element)


def squeeze(text: str) -> str:
    """NFC, with every run of white space as one space, trimmed."""
    return _SPACE.sub(" ", nfc(text)).strip()


def text_of(element: Element) -> str:
    """All text in an element, squeezed."""
    return squeeze(" ".join(pieces(element)))


def pieces(element: Element) -> Iterator[str]:
    """The text nodes in an element, in their order; blocks and line breaks part words."""
    tight: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        breaks = node.tag in BLOCKS or node.tag == "br"
        if breaks and tight:
            yield "".join(tight)
            tight = []
        text = node.text if event == "start" else (node.tail if node is not element else None)
        if text:
            tight.append(text)
    yield "".join(tight)


def names_of(element: Element) -> str:
    """Class names, id and role in lower case, words parted by `-`: ` detail-content abc `."""
    raw = f"{element.get('class') or ''} {element.get('id') or ''}"
    if element.get("data-role"):
        raw += f" role-{element.get('data-role')}"
    return f" {_CAMEL.sub('-', raw[:400]).replace('_', '-').lower()} "


def letters(text: str) -> str:
    """Folded letters and digits alone: what two spellings of one sentence share.

    Of a long text the beginning: enough to tell two paragraphs apart, and cheap.
    """
    return _NO_LETTER.sub("", fold(text[:_LETTERS]))
