"""The element that holds the article's body: told by itemprop and class, else by its prose."""

import re
from dataclasses import dataclass

from lxml import etree

from streams.page.dom import BLOCKS, Element, names_of
from streams.page.furniture import is_furniture

# class names of the body in the content systems of many outlets, as `dom.names_of` writes them
_BODY = re.compile(
    r"(?<![a-z])(?:detail-+(?:content|body|text|main-?content|c?main-content)|content-+detail|"
    r"article-+(?:content|body|detail|text|main)|the-article-body|singular-content|fck-detail|"
    r"(?:entry|post|news|story|single|blog|main|cms|page|body|text|inner|editor|edittor|knc|td-post|"
    r"maincontent|zce|journal|magazine|e-magazine)-+(?:content|body|detail|text)|newsbody|"
    r"content-+(?:news|article|body|main|post|text)|noi-?dung|chi-?tiet|box-?detail|contentdetail|"
    r"detailcontent|newscontent|articlecontent|articlebody|maincontent|c-news-detail|bodytext|"
    r"item-page|item-full-text|div-?news-?content|field-name-body|field--name-body|rte|"
    r"exp-noi-dung|main-detail|detail-normal|detail--normal)(?![a-z])"
)
_LEAST_PARAGRAPH = 40  # characters outside links; less is a label, a date, a name
_SURE_SHARE = 0.35  # of the page's prose: an element named as the body and this big is the body
_INNER_SHARE = 0.85  # of the outer one's prose: then the inner of two is meant
_CLIMB = 1.08  # the parent is taken when its other children add at least this much prose ...
_CLIMB_MOST = 1.8  # ... and are not more than the body itself


@dataclass(slots=True)
class Measured:
    """The prose of every element of a page: characters outside links, in paragraphs."""

    elements: list[Element]
    place: dict[Element, int]
    mass: list[int]  # in the element and all below it
    direct: list[float]  # in its own paragraphs, and half of those one level further down
    paragraphs: list[int]

    def of(self, element: Element) -> int:
        """Characters of prose in an element."""
        return self.mass[self.place[element]]


def measure(root: Element, title: Element | None) -> Measured:
    """Prose per element, nothing counted before the title nor in what names say is furniture."""
    elements = list(root.iter(etree.Element))
    place = {element: number for number, element in enumerate(elements)}
    count = len(elements)
    measured = Measured(elements, place, [0] * count, [0.0] * count, [0] * count)
    dead, linked = _flags(elements, place, title)
    run, links = [0] * count, [0] * count
    for number in range(count - 1, -1, -1):
        element = elements[number]
        run[number] += len((element.text or "").strip())
        parent = element.getparent()
        up = place[parent] if parent is not None else -1
        if element.tag in BLOCKS:
            _close(measured, number, up, run, links, dead=dead[number] or linked[number])
        elif up >= 0:
            run[up] += run[number]
            links[up] += run[number] if linked[number] else links[number]
            measured.mass[up] += measured.mass[number]
            measured.direct[up] += measured.direct[number]
            measured.paragraphs[up] += measured.paragraphs[number]
        if up >= 0:
            run[up] += len((element.tail or "").strip())
    return measured


def _close(
    measured: Measured, number: int, up: int, run: list[int], links: list[int], *, dead: bool
) -> None:
    """Counts a block's own running text, and hands the block's sum to its parent."""
    prose = run[number] - links[number]
    own = prose if prose >= _LEAST_PARAGRAPH and links[number] <= prose and not dead else 0
    measured.mass[number] += own
    measured.paragraphs[number] += bool(own)
    if up < 0:
        return
    measured.mass[up] += measured.mass[number]
    measured.paragraphs[up] += measured.paragraphs[number]
    leaf = number + 1 >= len(measured.elements) or own == measured.mass[number]
    measured.direct[up] += own if leaf else own + measured.direct[number] * 0.5


def _flags(
    elements: list[Element], place: dict[Element, int], title: Element | None
) -> tuple[list[bool], list[bool]]:
    """For each element: is it before the title or in furniture; is it in a link."""
    kept = {title, *title.iterancestors()} if title is not None else set()
    for element in elements:
        if element.get("itemprop") == "articleBody":
            kept.update((element, *element.iterancestors()))
    start = place[title] if title is not None else -1
    dead, linked = [False] * len(elements), [False] * len(elements)
    for number, element in enumerate(elements):
        parent = element.getparent()
        up = place[parent] if parent is not None else number
        dead[number] = up != number and dead[up] and element not in kept
        linked[number] = (up != number and linked[up]) or (element.tag == "a")
        if element in kept:
            continue
        if number < start or element is title or is_furniture(element):
            dead[number] = True
    return dead, linked


def find_container(measured: Measured, title: Element | None) -> Element | None:
    """The element that holds the body; None when the page has no prose."""
    total = measured.mass[0] if measured.mass else 0
    if not total:
        return None
    named = _named(measured, total)
    return named if named is not None else _by_prose(measured, title)


def _named(measured: Measured, total: int) -> Element | None:
    """The element that itemprop or class names as the body."""
    best: Element | None = None
    for number, element in enumerate(measured.elements):
        mass = measured.mass[number]
        marked = (element.get("itemprop") or "") == "articleBody"
        if not mass or (mass < _SURE_SHARE * total and not marked) or element.tag == "body":
            continue
        if not marked and not _BODY.search(names_of(element)):
            continue
        # in document order, so an inner one comes after the outer one
        if best is None or mass >= _INNER_SHARE * measured.of(best) or (marked and mass > 200):
            best = element
    return best


def _by_prose(measured: Measured, title: Element | None) -> Element:
    """The element with most prose in its own paragraphs, or its parent where that adds some."""
    number = max(range(len(measured.elements)), key=measured.direct.__getitem__)
    element = measured.elements[number]
    above_title = set(title.iterancestors()) if title is not None else set()
    while True:
        parent = element.getparent()
        if parent is None or parent in above_title or parent.tag in ("body", "html"):
            return element
        share = measured.of(parent) / max(1, measured.of(element))
        if share > _CLIMB_MOST:
            return element
        if share < _CLIMB and element.tag not in ("p", "td", "tr", "tbody"):
            return element
        element = parent
