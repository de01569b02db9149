"""A part of the page as lines of text: one paragraph, heading, caption or table row a line."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lxml import etree

from streams.page.dom import BLOCKS, HEADINGS, Element, names_of, squeeze
from streams.page.furniture import is_furniture

_CAPTION = re.compile(
    r"caption|chuthich|chu-thich|image-desc|img-desc|photo-desc|anh-desc|pcaption"
)
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|zip|rar)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as a reader sees it, and what is needed to tell prose from teasers."""

    text: str
    linked: int = 0  # characters of links to other pages
    kind: str = "text"  # `text`, `head`, `caption`, `item` or `row`
    block: Element  # the block it ends
    strong: bool = False  # all of it in bold

    @property
    def prose(self) -> int:
        """Characters outside links."""
        return max(0, len(self.text) - self.linked)


@dataclass(slots=True)
class _Writer:
    lines: list[Line] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    linked: int = 0
    bold: int = 0
    total: int = 0
    link_depth: int = 0
    bold_depth: int = 0
    caption_depth: int = 0
    cell_depth: int = 0

    def add(self, text: str | None) -> None:
        if not text:
            return
        self.parts.append(text)
        size = len(text.strip())
        self.total += size
        if self.link_depth:
            self.linked += size
        if self.bold_depth:
            self.bold += size

    def flush(self, block: Element) -> None:
        if not self.parts:
            return
        text = squeeze("".join(self.parts))
        if text:
            self.lines.append(
                Line(
                    text=text,
                    linked=min(self.linked, len(text)),
                    kind="caption" if self.caption_depth else _kind(block),
                    block=block,
                    strong=self.bold >= self.total,
                )
            )
        self.parts.clear()
        self.linked = self.bold = self.total = 0


def _kind(block: Element) -> str:
    tag = block.tag
    if tag in HEADINGS:
        return "head"
    return {"li": "item", "td": "row", "th": "row", "tr": "row"}.get(str(tag), "text")


def render(container: Element, *, without: Element | None = None) -> list[Line]:
    """The lines of a container, without what names say is furniture, and without one element."""
    writer = _Writer()
    walk = etree.iterwalk(container, events=("start", "end"))
    skipped: set[Element] = set()
    above = set(without.iterancestors()) if without is not None else set()
    for event, node in walk:
        if event == "start":
            row = node is not container and node not in above and _is_plain_row(node)
            if row or node is without or (node is not container and is_furniture(node)):
                skipped.add(node)
                walk.skip_subtree()
                if node.tag in BLOCKS:
                    writer.flush(_block_above(node))
                if row:
                    _row(node, writer)
                continue
            _start(node, writer)
            writer.add(node.text)
        else:
            if node not in skipped:
                _end(node, writer)
            if node is not container:
                writer.add(node.tail)
    writer.flush(container)
    return writer.lines


def _start(node: Element, writer: _Writer) -> None:
    if node.tag in BLOCKS:
        writer.flush(_block_above(node))
        if node.tag == "figcaption" or _CAPTION.search(names_of(node)):
            writer.caption_depth += 1
    elif node.tag == "br":
        block = _block_of(node)
        if block.tag in HEADINGS or writer.caption_depth:
            writer.add(" ")
        else:
            writer.flush(block)
    elif node.tag == "a" and _leads_away(node):
        writer.link_depth += 1
    elif node.tag in ("b", "strong"):
        writer.bold_depth += 1


def _end(node: Element, writer: _Writer) -> None:
    if node.tag in BLOCKS:
        writer.flush(node)
        if node.tag == "figcaption" or _CAPTION.search(names_of(node)):
            writer.caption_depth -= 1
    elif node.tag == "a" and _leads_away(node):
        writer.link_depth -= 1
    elif node.tag in ("b", "strong"):
        writer.bold_depth -= 1


def _block_of(node: Element) -> Element:
    while node.tag not in BLOCKS:
        parent = node.getparent()
        if parent is None:
            break
        node = parent
    return node


def _block_above(node: Element) -> Element:
    parent = node.getparent()
    return node if parent is None else _block_of(parent)


def _leads_away(link: Element) -> bool:
    """Whether a link goes to another page, not to a file, an address or a place on this page."""
    target = (link.get("href") or "").strip()
    if not target or target.startswith(("#", "mailto:", "tel:", "javascript:")):
        return False
    try:
        return not _FILE.search(urlsplit(target).path)
    except ValueError:
        return True


def _is_plain_row(node: Element) -> bool:
    """A table row of several cells without blocks of their own: it is read as one line."""
    if node.tag != "tr" or len(node) < 2:
        return False
    return all(cell.tag in ("td", "th") and not _has_blocks(cell) for cell in node)


def _has_blocks(cell: Element) -> bool:
    inner = [n for n in cell.iter(*BLOCKS) if n is not cell]
    if len(cell.findall(".//br")) > 1:
        return True  # a page laid out in a table
    # one paragraph in a cell is how editors write a cell
    return len(inner) > 1 or any(n.tag in ("table", "figure") for n in inner)


def _row(node: Element, writer: _Writer) -> None:
    cells = [squeeze(" ".join(str(t) for t in cell.itertext())) for cell in node]
    text = " | ".join(cell for cell in cells if cell)
    if text:
        linked = sum(len(squeeze("".join(str(t) for t in a.itertext()))) for a in node.iter("a"))
        writer.lines.append(Line(text=text, linked=min(linked, len(text)), kind="row", block=node))
