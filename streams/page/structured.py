"""What a page says of itself for machines: JSON-LD (also broken) and meta tags."""

import html
import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from streams.page.dom import Element, letters, squeeze

Node = dict[str, Any]

ARTICLE_TYPES = frozenset(
    (
        *("article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "report"),
        *("opinionnewsarticle", "backgroundnewsarticle", "reviewnewsarticle", "blogposting"),
        *("liveblogposting", "socialmediaposting", "techarticle", "scholarlyarticle"),
    )
)
# what a page without an article's text is about
_MEDIA_TYPES = frozenset(("videoobject", "imagegallery", "mediagallery", "audioobject"))
LIST_TYPES = frozenset(("itemlist", "collectionpage", "searchresultspage"))
_LONGEST = 3_000_000  # characters of one script
_SALVAGED = 100_000  # characters of a script that no parser takes
_MOST_NODES = 5_000
_WRAPPING = re.compile(r"^\s*(?:<!--|<!\[CDATA\[|//.*\n)+|(?:-->|\]\]>|;)+\s*$")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_BREAK = re.compile(r"</?(?:p|div|br|li|h[1-6])\b[^<>]{0,200}>|\r\n?", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{1,300}>")
# for scripts that no parser takes, mostly for a quotation mark within a value
_SALVAGE = re.compile(
    r'"(@type|headline|datePublished|dateModified|description|articleSection|name|articleBody)"'
    r'\s*:\s*"(.{0,3000}?)"\s*(?=,\s*"|[}\]])',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Structured:
    """The machine-readable side of one page."""

    article: Node  # the JSON-LD node of the page's one article; empty when there is none
    confirmed: bool  # that node has the title or the address of this page
    crumbs: tuple[str, ...]  # names of the breadcrumb, home page first as the page has it
    types: frozenset[str]  # all JSON-LD types, in lower case
    articles: int  # how many different articles JSON-LD tells of
    meta: dict[str, tuple[str, ...]]  # lower-case name, property or itemprop -> its contents

    def meta_first(self, *names: str) -> str:
        """The first non-empty content among the meta tags of these names."""
        for name in names:
            for content in self.meta.get(name, ()):
                if content:
                    return content
        return ""


def read_structured(root: Element, url: str) -> Structured:
    """JSON-LD and meta tags of a page. Never raises; what can't be read is left out."""
    nodes = [node for script in _scripts(root) for node in _nodes(script)]
    articles = [n for n in nodes if types_of(n) & ARTICLE_TYPES and (_says(n))]
    shown = [letters(text) for text in _shown_titles(root)]
    media = [n for n in nodes if types_of(n) & _MEDIA_TYPES and _is_here(n, shown, url)]
    article, confirmed = _choose(articles or media, shown, url)
    meta = _meta(root)
    return Structured(
        article=article,
        confirmed=confirmed,
        crumbs=_crumbs(nodes),
        types=frozenset().union(*(types_of(n) for n in nodes)) if nodes else frozenset(),
        articles=len({letters(value(n.get("headline") or n.get("name"))) for n in articles}),
        meta=meta,
    )


def value(thing: object) -> str:
    """A JSON-LD value as plain text: entities (also doubled) and tags undone, squeezed."""
    for _ in range(5):
        if isinstance(thing, list):
            thing = thing[0] if thing else ""
        elif isinstance(thing, dict):
            thing = thing.get("@value") or thing.get("name") or thing.get("@id") or ""
    return plain(str(thing)) if isinstance(thing, str | int | float) else ""


def plain(text: str) -> str:
    """Text without the entities and tags that a careless template leaves in it."""
    for _ in range(3):
        undone = html.unescape(text)
        if undone == text:
            break
        text = undone
    return squeeze(_TAG.sub(" ", text))


def body_of(node: Node) -> str:
    """A node's `articleBody`, one paragraph a line."""
    told = node.get("articleBody")
    if not isinstance(told, str):
        return ""
    broken = _BREAK.sub("\n", html.unescape(told))
    return "\n".join(filter(None, (plain(line) for line in broken.split("\n"))))


def types_of(node: Node) -> frozenset[str]:
    """A node's types in lower case, without their namespace."""
    kinds = node.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return frozenset(re.split(r"[/:#]", k)[-1].lower() for k in listed if isinstance(k, str))


def _says(node: Node) -> bool:
    return bool(node.get("headline") or node.get("name")) or "datePublished" in node


def _scripts(root: Element) -> Iterator[str]:
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            yield script.text[:_LONGEST]


def _nodes(script: str) -> Iterator[Node]:
    """All objects in a script, outer before inner."""
    waiting = deque(_load(script))
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        thing = waiting.popleft()
        if isinstance(thing, dict):
            yield thing
            waiting.extend(v for v in thing.values() if isinstance(v, dict | list))
        elif isinstance(thing, list):
            waiting.extend(v for v in thing if isinstance(v, dict | list))


def _load(script: str) -> list[Any]:
    text = _WRAPPING.sub("", script).strip()
    for attempt in (text, _TRAILING_COMMA.sub("", text)):
        try:
            # strict=False: raw newlines and tabs within a value are common
            return [json.loads(attempt, strict=False)]
        except ValueError:
            continue
        except RecursionError:
            return []
    return _several(text) or _salvaged(text)


def _several(text: str) -> list[Any]:
    """Objects written one after the other without a list around them."""
    decoder = json.JSONDecoder(strict=False)
    found: list[Any] = []
    at = 0
    try:
        while at < len(text) and len(found) < 50:
            thing, at = decoder.raw_decode(text, at)
            found.append(thing)
            at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n,;"))
    except (ValueError, RecursionError):
        pass
    return found


def _salvaged(text: str) -> list[Any]:
    node: Node = {}
    text = text[:_SALVAGED]
    for key, content in _SALVAGE.findall(text):
        if key not in node:
            node[key] = re.sub(r"\\(.)", r"\1", content)
    author = re.search(r'"author"\s*:\s*[\[{]*[^\]}]*?"name"\s*:\s*"([^"]*)"', text)
    if author:
        node["author"] = author[1]
    return [node] if node else []


def _choose(articles: list[Node], shown: list[str], url: str) -> tuple[Node, bool]:
    """The node about this page, and whether its title or address confirms that."""
    for node in articles:
        if _is_here(node, shown, url):
            return node, True
    # a single one is believed all the same, if less
    return (articles[0], False) if len(articles) == 1 else ({}, False)


def _is_here(node: Node, shown: list[str], url: str) -> bool:
    title = letters(value(node.get("headline") or node.get("name")))
    begins = title[:60]
    if len(begins) >= 10 and any(begins in s or (len(s) > 20 and s in title) for s in shown):
        return True
    return bool(url) and url in _addresses(node)


def _shown_titles(root: Element) -> Iterator[str]:
    for element in root.iter("title", "h1"):
        yield "".join(str(t) for t in element.itertext())


def _addresses(node: Node) -> set[str]:
    places = (node.get("url"), node.get("mainEntityOfPage"), node.get("@id"))
    return {str(p.get("@id") if isinstance(p, dict) else p) for p in places if p}


def _crumbs(nodes: list[Node]) -> tuple[str, ...]:
    for node in nodes:
        if "breadcrumblist" in types_of(node) and isinstance(node.get("itemListElement"), list):
            names: list[str] = []
            for entry in node["itemListElement"]:
                item = entry[0] if isinstance(entry, list) and entry else entry
                if isinstance(item, dict):
                    names.append(value(item.get("name") or item.get("item")))
            return tuple(n for n in names if n and not n.startswith("http"))
    return ()


def _meta(root: Element) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for tag in root.iter("meta"):
        content = tag.get("content")
        if content is None:
            continue
        for attribute in ("property", "name", "itemprop"):
            name = (tag.get(attribute) or "").strip().lower()
            if name:
                found.setdefault(name[:100], []).append(plain(content[:2000]))
    return {name: tuple(contents) for name, contents in found.items()}
