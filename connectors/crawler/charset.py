"""Page bytes to text: what the bytes are counts for more than what the server says. Pure."""

import codecs
import re
from email.message import Message

from charset_normalizer import from_bytes

from streams.errors import Invalid, Reason

_BOMS = (  # the longer first: UTF-32's begins like UTF-16's
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_HEAD = 4096  # bytes; HTML wants the declaration in the first 1,024
_SAMPLE = 200_000  # bytes that the guess looks at: enough for any language, and quick
#: Share of characters outside ASCII that may be broken in a text that is taken all the same.
_NEARLY = 0.02
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\x80-\x9f]")
_CONTROL_SHARE = 0.001  # of all characters; text has none, bytes of a picture have many


def decode(body: bytes, content_type: str = "") -> tuple[str, str]:
    """The text and the charset it was decoded with.

    In this order: BOM, UTF-8, UTF-8 with a few broken places, the charset of the header and of
    `<meta>`, a guess by charset_normalizer.

    Raises:
        Invalid: `bad-encoding`: none of them gives text.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            text = body[len(mark) :].decode(name, errors="replace")
            return _checked(text, name, _share_broken(text))
    try:
        return _checked(body.decode("utf-8"), "utf-8", 0.0)
    except UnicodeDecodeError:
        pass
    nearly = body.decode("utf-8", errors="replace")
    if _share_broken(nearly) <= _NEARLY:
        return _checked(nearly, "utf-8", 0.0)
    for name in _declared(body, content_type):
        try:
            return _checked(body.decode(name), name, 0.0)
        except (UnicodeDecodeError, LookupError, Invalid):
            continue
    return _guess(body)


def _declared(body: bytes, content_type: str) -> list[str]:
    header = Message()
    header["Content-Type"] = content_type
    names = [header.get_content_charset() or ""]
    found = _META.search(body[:_HEAD])
    names.append(found[1].decode("ascii", "replace").lower() if found else "")
    return [_usable(name) for name in names if _usable(name)]


def _usable(name: str) -> str:
    """Python's name of a text charset; empty for what is unknown, or is no charset (`hex`)."""
    # browsers read latin-1 as its superset
    name = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252"}.get(name, name)
    try:
        info = codecs.lookup(name)
        b"".decode(info.name)
    except (LookupError, ValueError):
        return ""
    return "" if info.name in ("utf-8", "idna", "punycode") else info.name


def _guess(body: bytes) -> tuple[str, str]:
    best = from_bytes(body[:_SAMPLE]).best()
    if best is not None:
        text = body.decode(best.encoding, errors="replace")
        return _checked(text, best.encoding, _share_broken(text))
    raise Invalid(Reason.BAD_ENCODING, "not UTF-8, not as declared, and no charset fits")


def _share_broken(text: str) -> float:
    """Broken places in relation to all characters outside ASCII."""
    broken = text.count("\ufffd")
    return broken / (len(text) - len(text.encode("ascii", "ignore"))) if broken else 0.0


def _checked(text: str, name: str, broken: float) -> tuple[str, str]:
    if broken > _NEARLY:
        raise Invalid(Reason.BAD_ENCODING, f"{broken:.0%} of the text is broken as {name}")
    if len(_CONTROL.findall(text)) > _CONTROL_SHARE * len(text) + 3:
        raise Invalid(Reason.BAD_ENCODING, f"control characters throughout when read as {name}")
    return text, name
