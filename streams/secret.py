"""A password, key or token in the settings: used by name, shown nowhere."""

from typing import final


@final
class Secret:
    """A text that prints as `***`: in a log, an error, a traceback, `repr` of the settings.

    Only `reveal` gives it out, and it is called where a connection is made and nowhere else. It is
    no `str` on purpose: the type checker finds every place that would join or print it, and JSON
    has no way to write it.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(("secret", self._text))

    def __repr__(self) -> str:
        return "***" if self._text else "''"
