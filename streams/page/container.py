"""The element that holds the article's body: told by itemprop and class, else by its prose."""

import re
from dataclasses import dataclass

from lxml import etree

from streams.page.dom import BLOCKS, Element, names_of, text_of
from streams.page.furniture import is_furniture

# class names of the body in the content systems of many outlets, as `dom.names_of` writes them
_BODY = re.compile(
    r"(?<![a-z])(?:detail-+(?:content|body|text|main-?content|c?main-content)|content-+detail|"
    r"article-+(?:content|body|detail|text|main)|the-article-body|singular-content|fck-detail|"
    r"(?:entry|post|news|story|single|blog|main|cms|page|body|text|inner|editor|edittor|knc|td-post|"
    r"maincontent|mastercms|art|zce|journal|magazine|e-magazine)-+(?:content|body|detail|text)|newsbody|"
    r"content-+(?:news|article|body|main|post|text)|noi-?dung|chi-?tiet|box-?detail|contentdetail|"
    r"detailcontent|newscontent|articlecontent|articlebody|maincontent|c-news-detail|bodytext|"
    r"item-page|item-full-text|div-?news-?content|field-name-body|field--name-body|rte|"
    r"exp-noi-dung|main-detail|detail-normal|detail--normal|post-ct-entry|role-content|item-content|cotent-detail)(?![a-z])"
)
_LEAST_PARAGRAPH = 40  # characters outside links; less is a label, a date, a name
_LEAST_HEADLINE = 25  # characters of a link
_LEAST_ALIKE = 3  # teasers side by side
_BREAKS = BLOCKS | {"br", "img"}
_BOXES = frozenset(("div", "td", "section", "article", "main", "blockquote"))
_PARAGRAPHS = frozenset(("p", "blockquote", "figure", "h2", "h3", "h4", "br"))
_READERS = re.compile(r"comment|binh-?luan|y-?kien")
_MOST_FURNITURE = 0.5  # of the page's prose: more than this is not furniture
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
    size: list[int]  # characters of all text in the element
    teasers: set[Element]  # items of lists of other articles

    def of(self, element: Element) -> int:
        """Characters of prose in an element."""
        return self.mass[self.place[element]]


def measure(root: Element, title: Element | None) -> Measured:
    """Prose per element, nothing counted before the title nor in what names say is furniture."""
    elements = list(root.iter(etree.Element))
    place = {element: number for number, element in enumerate(elements)}
    up = [-1] * len(elements)
    for number, element in enumerate(elements):
        parent = element.getparent()
        if parent is not None:
            up[number] = place[parent]
    own, size = _paragraphs(elements, up)
    teasers = _teasers(elements, up, own, size)
    whole = _summed(own, up)
    dead = _dead(elements, up, whole, title, place)
    mass, direct = [0] * len(elements), [0.0] * len(elements)
    for number in range(len(elements) - 1, -1, -1):
        prose = 0 if dead[number] else own[number]
        leaf = not mass[number]
        mass[number] += prose
        if elements[number] in teasers:
            mass[number], direct[number], leaf, prose = 0, 0.0, True, 0
        if number:
            mass[up[number]] += mass[number]
            inline = elements[number].tag not in BLOCKS
            half = direct[number] * (1.0 if inline else 0.5)
            direct[up[number]] += prose if leaf else prose + half
    return Measured(elements, place, mass, direct, size, teasers)


def _summed(own: list[int], up: list[int]) -> list[int]:
    """For each element, the sum over it and all below it."""
    whole = own.copy()
    for number in range(len(own) - 1, 0, -1):
        whole[up[number]] += whole[number]
    return whole


def _teasers(
    elements: list[Element], up: list[int], own: list[int], size: list[int]
) -> set[Element]:
    """Items that repeat side by side: a linked headline and at most one paragraph each."""
    count = len(elements)
    heads, paragraphs = [0] * count, [int(prose > 0) for prose in own]
    above: set[int] = set()  # blocks in which a headline stands above its paragraph
    for number in range(count - 1, 0, -1):
        element = elements[number]
        if element.tag == "a" and element.get("href") and size[number] >= _LEAST_HEADLINE:
            block = number
            while block and elements[block].tag not in BLOCKS:
                block = up[block]
            # a link within a sentence is no headline
            if not own[block]:
                heads[number] += 1
            elif has_own_line(element):
                heads[number] += 1
                above.add(block)
        heads[up[number]] += heads[number]
        paragraphs[up[number]] += paragraphs[number]
    alike: dict[tuple[int, object], list[int]] = {}
    for number in range(1, count):
        prose = own[number] and number not in above
        if 1 <= heads[number] <= 3 and paragraphs[number] <= 1 and not prose:
            alike.setdefault((up[number], elements[number].tag), []).append(number)
    groups = [group for group in alike.values() if len(group) >= _LEAST_ALIKE]
    return {elements[number] for group in groups for number in group}


def has_own_line(link: Element) -> bool:
    """Whether a link stands on a line of its own: between line breaks, blocks and pictures."""
    before, after, parent = link.getprevious(), link.getnext(), link.getparent()
    if parent is None or (link.tail or "").strip():
        return False
    text = parent.text if before is None else before.tail
    if (text or "").strip() or (after is not None and after.tag not in _BREAKS):
        return False
    return before is None or before.tag in _BREAKS or not text_of(before)


def _paragraphs(elements: list[Element], up: list[int]) -> tuple[list[int], list[int]]:
    """Each block's own running text outside links, 0 for a label; and each element's whole text."""
    count = len(elements)
    run, links, own, size = [0] * count, [0] * count, [0] * count, [0] * count
    linked = [False] * count
    for number, element in enumerate(elements):
        linked[number] = element.tag == "a" or (number > 0 and linked[up[number]])
    for number in range(count - 1, -1, -1):
        element = elements[number]
        text = len((element.text or "").strip())
        run[number] += text
        size[number] += text
        if element.tag in BLOCKS or not number:
            prose = run[number] - links[number]
            if prose >= _LEAST_PARAGRAPH and links[number] <= prose and not linked[number]:
                own[number] = prose
        else:
            run[up[number]] += run[number]
            links[up[number]] += run[number] if linked[number] else links[number]
        if number:
            tail = len((element.tail or "").strip())
            run[up[number]] += tail
            size[up[number]] += size[number] + tail
    return own, size


def _dead(
    elements: list[Element],
    up: list[int],
    whole: list[int],
    title: Element | None,
    place: dict[Element, int],
) -> list[bool]:
    """For each element: does it stand before the title, or in furniture.

    What holds the title, or the better half of the page's prose, is no furniture whatever its
    names say, unless they say that readers wrote it.
    """
    kept = {title, *title.iterancestors()} if title is not None else set()
    start = place[title] if title is not None else -1
    dead = [False] * len(elements)
    for number, element in enumerate(elements):
        if element in kept:
            dead[number] = element is title
        elif number and dead[up[number]]:
            # a furniture name far outside says less than an itemprop within
            dead[number] = element.get("itemprop") != "articleBody"
        elif number < start:
            dead[number] = True
        elif is_furniture(element):
            most = whole[number] > _MOST_FURNITURE * whole[0]
            dead[number] = not most or bool(_READERS.search(names_of(element)))
    return dead


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
        if (
            best is None
            or mass > measured.of(best)
            or (marked and mass > 200)
            or (mass >= _INNER_SHARE * measured.of(best) and best in element.iterancestors())
        ):
            best = element
    return best


def _by_prose(measured: Measured, title: Element | None) -> Element:
    """The element with most prose in its own paragraphs, or its parent where that adds some."""
    number = max(range(len(measured.elements)), key=measured.direct.__getitem__)
    element = measured.elements[number]
    for child in element:
        # a whole body in one element, its paragraphs parted by line breaks
        if child.tag in _BOXES and measured.of(child) >= _INNER_SHARE * measured.of(element):
            return child
    above_title = set(title.iterancestors()) if title is not None else set()
    while True:
        parent = element.getparent()
        if parent is None or parent in above_title or parent.tag in ("body", "html"):
            return element
        share = measured.of(parent) / max(1, measured.of(element))
        if share > _CLIMB_MOST:
            return element
        if share < _CLIMB and element.tag not in ("p", "tr", "tbody"):
            return element
        element = parent


def parts_of(measured: Measured, container: Element) -> list[Element]:
    """The container and what belongs to it although it stands beside it.

    Bodies are cut in several elements of one class by advertisements, and by a tag that is closed
    too early, after which paragraphs follow bare.
    """
    parent, name = container.getparent(), container.get("class")
    if parent is None:
        return [container]
    found = [
        child
        for child in parent
        if child is container or (name and child.get("class") == name and measured.of(child))
    ]
    for sibling in found[-1].itersiblings(etree.Element):
        bare = sibling.tag in _PARAGRAPHS and sibling not in measured.teasers
        if bare:
            found.append(sibling)
        elif measured.size[measured.place[sibling]] > _LEAST_PARAGRAPH:
            break
    while not measured.of(found[-1]) and found[-1] is not container:
        found.pop()
    return found
