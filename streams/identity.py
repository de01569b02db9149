"""Identity makes delivery safe: ids say what a thing is, so writing it twice changes nothing."""

import hashlib
import re
from urllib.parse import urlsplit, urlunsplit

from courlan import clean_url

from streams.records import DocumentMention

_MOBILE_HOST = re.compile(r"^(?:www|m|mobile|wap|amp)\.(?=[^.]+\.)")
_AMP_PATH = re.compile(r"(?:/amp/?|(?<=\w)\.amp|[-.]amp(?=\.\w+$))$", re.IGNORECASE)
_SEPARATOR = b"\x00"  # can't stand in any of the parts


def _digest(*parts: str) -> str:
    return hashlib.sha256(_SEPARATOR.join(part.encode() for part in parts)).hexdigest()[:32]


def canonical_url(url: str) -> str:
    """One spelling for all addresses of an article.

    courlan takes out fragments and tracking parameters; what is left of a mobile or AMP edition
    (`m.`, `amp.`, `/amp`) is folded, and `www.` and http as well.

    Raises:
        ValueError: not an http(s) address with a host.
    """
    parts = urlsplit(clean_url(url.strip()) or "")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"not an http address: {url[:200]!r}")
    host = _MOBILE_HOST.sub("", parts.hostname.lower())
    host = f"[{host}]" if ":" in host else host  # an IPv6 address
    if parts.port and parts.port not in (80, 443):
        host = f"{host}:{parts.port}"
    query = "&".join(q for q in parts.query.split("&") if q.lower() not in ("amp", "amp=1", ""))
    path = _AMP_PATH.sub("", parts.path) or "/"
    return urlunsplit(("https", host, path, query, ""))


def without_user(url: str) -> str:
    """The address without `user:password@`, which hides from a reader where a link leads."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def article_id(canonical: str) -> str:
    """32 hex digits of the canonical URL: Kafka key and Elasticsearch id."""
    return _digest("article", canonical)


def capture_id(article: str, title: str, text: str) -> str:
    """Changes exactly when what a reader sees changes: a revision, not a new article."""
    return _digest("capture", article, title, text)


def mention_id(article: str, mention: DocumentMention) -> str:
    """The same mention in the same place of the same article is the same mention."""
    return _digest("mention", article, mention.field, str(mention.start), mention.key)


def alert_id(kind: str, document: str) -> str:
    """What the alert says: `first:05-CT/TW`. Two alerts that say the same are one."""
    return f"{kind.removesuffix('-mention')}:{document}"
