"""What can go wrong, sorted by what the caller has to do next.

DongtinError
├── Invalid      this article can't be processed, now or ever: dead letter with its reason
├── Retry        the world is not ready (a server away, a queue full): the same again, later
│   ├── Away          a server does not answer: it is down, or this is not its address
│   └── Denied        a server refuses us, or we it: somebody has to change a setting or a right
└── Fatal        going on would lose or damage data: stop the process, say why
    └── ConfigError   a setting or a data file is wrong: names the file, the line and the key
"""

from enum import StrEnum
from functools import partial
from pathlib import Path


class Reason(StrEnum):
    """Why an article did not go on: the closed list of reason codes.

    Every code belongs to one disposition: `skipped` (there was nothing to do: no fault) or `dead`
    (something failed; the original bytes are kept in `articles.dead`).
    """

    # skipped
    LIST_PAGE = "list-page"
    EMPTY_TEXT = "empty-text"
    NOT_HTML = "not-html"
    ROBOTS = "robots"
    GONE = "gone"
    # dead: fetching
    HTTP_STATUS = "http-status"
    UNREACHABLE = "unreachable"
    REDIRECT_LOOP = "redirect-loop"
    TOO_LARGE = "too-large"
    BAD_ENCODING = "bad-encoding"
    # dead: processing
    BAD_RECORD = "bad-record"
    DEADLINE = "deadline"
    CRASH = "crash"
    EXTRACTOR_ERROR = "extractor-error"
    # dead: indexing and alerting
    REJECTED_BY_INDEX = "rejected-by-index"
    UNDELIVERABLE = "undeliverable"

    @property
    def disposition(self) -> str:
        """`skipped` or `dead`."""
        return "skipped" if self in _SKIPPED else "dead"


_SKIPPED = frozenset(
    {Reason.LIST_PAGE, Reason.EMPTY_TEXT, Reason.NOT_HTML, Reason.ROBOTS, Reason.GONE}
)


class DongtinError(Exception):
    """Base of everything that this project raises on purpose."""


class Invalid(DongtinError):
    """This input will never work: send it to the dead letters with `reason`, and go on."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type["Invalid"], tuple[Reason, str]]:
        # it crosses a process border on its way out of a lane
        return (type(self), (self.reason, self.detail))


class Retry(DongtinError):
    """Not now: the same input again after `after` seconds."""

    def __init__(self, detail: str, *, after: float = 1.0) -> None:
        super().__init__(detail)
        self.after = after


class Away(Retry):
    """A server does not answer: what is in hand waits; a command tells how to find out why."""


class Denied(Retry):
    """A server is there and refuses us, or its certificate is not to be trusted: what is in hand
    waits as with `Retry`, but a process that has only begun had better end and say so."""


class Fatal(DongtinError):
    """Stop this process: nothing may be acknowledged past this point."""


class ConfigError(Fatal):
    """A settings or data file is wrong; the message reads `file:line: key: what is wrong`."""

    def __init__(self, path: Path | str, detail: str, *, line: int | None = None) -> None:
        where = f"{path}:{line}" if line else str(path)
        super().__init__(f"{where}: {detail}")
        self.path = path
        self.detail = detail
        self.line = line

    def __reduce__(self) -> tuple[object, ...]:
        # a lane may find it, and its process must be able to hand it over
        return (partial(type(self), line=self.line), (self.path, self.detail))
