"""The article's text: lead first, then the body, captions in their place."""

import re
from dataclasses import dataclass, replace
from itertools import islice

import trafilatura
from lxml import etree

from streams.page.clean import clean, is_teaser
from streams.page.container import Measured, find_container, parts_of
from streams.page.dom import Element, drop, letters, names_of, squeeze, text_of
from streams.page.furniture import is_furniture, is_furniture_line
from streams.page.lines import Line, render

_LEAD_NAMES = re.compile(
    r"sapo|chapeau|desnews|(?<![a-z])(?:lead|standfirst|excerpt|dek|abstract|mo-?ta|tom-?tat)(?![a-z])|"
    r"(?<![a-z])(?:article|news|detail|post|short|content|singular|cms|main)-+"
    r"(?:lead|summary|desc|description|intro|brief|sp|head)(?![a-z])|article-lead|"
    r"(?<![a-z])(?:summary|intro|brief|description|desc)(?![a-z])"
)
_LEAST_LEAD = 30  # characters; a shorter one is a label
_LONGEST_LEAD = 1500
_AROUND = 3  # elements around a body in which a headline is looked for
_LEAD_WITHIN = 4  # lines of the body in which the lead may still come
_MOST_ELEMENTS = 20_000  # for a second opinion, which takes seconds and much memory beyond
_WEAK = 120  # characters of prose below which a second opinion is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The text of a page, and how it was found."""

    lead: str = ""
    lines: tuple[Line, ...] = ()  # of the body, the lead not among them
    container: Element | None = None
    teasers: int = 0  # lines of the container that are links to other articles
    source: str = ""  # `container` or `trafilatura`

    @property
    def text(self) -> str:
        """One paragraph a line, the lead first."""
        return "\n".join(filter(None, [self.lead, *(line.text for line in self.lines)]))

    def without(self, title: str) -> "Body":
        """The body without the line of its title and what stands above that."""
        at = next((n for n, line in enumerate(self.lines) if line.text == title), -1)
        rest = self.lines[at + 1 :]
        if not self.lead and len(rest) > 1 and rest[0].strong and _may_lead(rest[0]):
            return replace(self, lead=rest[0].text, lines=rest[1:])
        return replace(self, lines=rest)


def find_body(
    root: Element,
    measured: Measured,
    title: tuple[str, Element | None],
    descriptions: list[str],
    labels: frozenset[str],
) -> Body:
    """The body of an article page.

    Args:
        title: the title and the element that shows it.
        descriptions: what metadata and feed say the article is about: often the lead's words.
        labels: letters of section, author and site names.
    """
    container = find_container(measured, title[1])
    raw = _rendered(measured, container)
    lines = clean(raw, title[0], labels)
    before = _between(measured, title[1], container)
    wide: set[Element] = set()
    if container is not None and len(lines) > 1:
        wide = {container, *container.iterancestors()}
    lead, lines = _Lead(descriptions, labels | {letters(title[0])}, wide).find(before, lines)
    captions = [b for b in before if b.kind == "caption"]
    known = {letters(line.text) for line in lines} if captions else set()
    captions = [caption for caption in captions if letters(caption.text) not in known]
    return Body(
        lead=lead,
        lines=tuple(c for c in captions if c.text != lead) + tuple(lines),
        container=container,
        teasers=sum(is_teaser(line) for line in raw),
        source="container" if lines or lead else "",
    )


def _rendered(measured: Measured, container: Element | None) -> list[Line]:
    """The lines of a container, without those of teasers beside the body."""
    if container is None:
        return []
    lines = [line for part in parts_of(measured, container) for line in render(part)]
    return [line for line in lines if not _in_teaser(measured, line) or is_teaser(line)]


def _in_teaser(measured: Measured, line: Line) -> bool:
    near = [line.block, *islice(line.block.iterancestors(), 3)]
    return any(element in measured.teasers for element in near)


def second_opinion(body: Body, root: Element, measured: Measured, title: str, told: str) -> Body:
    """The body as it is or, when it is weak, as JSON-LD tells it or trafilatura reads it.

    Args:
        told: the text that JSON-LD gives, for pages that a script fills in.

    Takes furniture and teasers out of the tree: the last thing to be done with it.
    """
    prose = sum(line.prose for line in body.lines) + len(body.lead)
    if prose >= _WEAK:
        return body
    if len(told) > max(_WEAK, 2 * prose):
        lines = [Line(text=t, block=root) for t in told.split("\n") if t]
        return replace(body, lines=tuple(clean(lines, title, frozenset())), source="json-ld")
    if len(measured.elements) > _MOST_ELEMENTS:
        return body
    links = {letters(text_of(link)) for link in root.iter("a")}
    for element in measured.elements[1:]:
        if element in measured.teasers or is_furniture(element):
            drop(element)
    found = trafilatura.extract(
        etree.tostring(root, encoding="unicode", method="html"),
        include_comments=False,
        include_tables=True,
        fast=True,
    )
    texts = [squeeze(text) for text in (found or "").split("\n")]
    lines = [Line(text=t, block=root) for t in texts if t and letters(t) not in links]
    lines = [c for c in clean(lines, title, frozenset()) if letters(c.text) != letters(body.lead)]
    if sum(len(line.text) for line in lines) <= max(_WEAK, 2 * prose):
        return body
    return replace(body, lines=tuple(lines), source="trafilatura")


def lines_above(measured: Measured, container: Element | None) -> list[Line]:
    """What stands above a body in the elements around it, the nearest line first."""
    if container is None:
        return []
    for around in islice(container.iterancestors(), _AROUND):
        lines = [
            line
            for line in render(around, without=container)
            if measured.place[line.block] < measured.place[container]
        ]
        if lines:
            return lines[::-1]
    return []


def _between(measured: Measured, title: Element | None, container: Element | None) -> list[Line]:
    """The lines that a reader sees between the title and the body."""
    if title is None or container is None:
        return []
    place = measured.place
    above = {title, *title.iterancestors()}
    region = next((a for a in (container, *container.iterancestors()) if a in above), None)
    if region is None or region is container:
        return []
    inside = set(container.iter(etree.Element))
    first, last = place[title], place[container]
    # a title's own ancestors and inner parts are no lines of their own
    return [
        line
        for line in render(region, without=container)
        if first < place.get(line.block, -1) < last
        and line.block not in inside
        and title not in line.block.iterancestors()
    ]


@dataclass(frozen=True, slots=True)
class _Lead:
    """Finds the lead above or at the beginning of a body."""

    descriptions: list[str]
    labels: frozenset[str]
    wide: set[Element]  # what holds the whole body: its names say nothing of the lead

    def find(self, before: list[Line], lines: list[Line]) -> tuple[str, list[Line]]:
        """The lead, and the body's lines without it."""
        outside = [b for b in before if _may_lead(b) and letters(b.text) not in self.labels]
        inside = [line for line in lines[:_LEAD_WITHIN] if _may_lead(line)]
        for group in (outside, inside):
            chosen = [line for line in group if self._home(line) is not None]
            chosen = chosen or [line for line in group if _described(line, self.descriptions)]
            if chosen:
                return self._taken(chosen, lines)
        prose = [b for b in outside if b.prose >= 2 * _LEAST_LEAD and not b.linked]
        if prose:
            return self._taken(prose[-1:], lines)
        if inside and inside[0] is lines[0] and lines[0].strong and len(lines) > 1:
            return self._taken(inside[:1], lines)
        return "", lines

    def _taken(self, chosen: list[Line], lines: list[Line]) -> tuple[str, list[Line]]:
        # a lead of several paragraphs is one element's: those after the first are its next lines
        first = chosen[0]
        home = self._home(first)
        together = [c for c in chosen if c is first or (home is not None and self._home(c) is home)]
        lead = squeeze(" ".join(dict.fromkeys(c.text for c in together)))
        gone = {letters(c.text) for c in together} | {letters(lead)}
        return lead, [line for line in lines if letters(line.text) not in gone]

    def _home(self, line: Line) -> Element | None:
        """The element around a line which says that it holds the lead."""
        for element in (line.block, *islice(line.block.iterancestors(), 3)):
            if element in self.wide:
                return None
            marked = element.get("itemprop") in ("description", "abstract")
            if marked or _LEAD_NAMES.search(names_of(element)):
                return element
        return None


def _may_lead(line: Line) -> bool:
    return (
        line.kind not in ("caption", "row")
        and _LEAST_LEAD <= len(line.text) <= _LONGEST_LEAD
        and not is_teaser(line)
        and not is_furniture_line(line.text)
    )


def _described(line: Line, descriptions: list[str]) -> bool:
    """Whether a line begins as the page's own description of the article does."""
    bare = letters(line.text)
    for description in descriptions:
        start = letters(description)[:60]
        if len(start) >= 25 and (start in bare[:90] or bare in letters(description)):
            return True
    return False
