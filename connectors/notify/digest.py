"""When a message goes out: pure. One message for a burst, and no wait for what comes alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The rule of one address.

    What comes in a quiet time goes at once. What comes within `window` seconds after a message is
    gathered, and goes together when they have passed, or as soon as a message is full.
    """

    window: float  # seconds
    most: int  # alerts in a message

    def wait(self, *, waiting: int, since: float | None) -> float:
        """Seconds until the next message goes; 0: now.

        Args:
            waiting: alerts that wait, at least one.
            since: seconds since the last message; None: there was none, or it could not hold all
                that waited.
        """
        if since is None or waiting >= self.most:
            return 0.0
        return max(0.0, self.window - since)


#: Each alert by itself and at once: the terminal and the file.
EACH = Digest(window=0.0, most=1)
#: Seconds of the longest wait between two tries.
LONGEST_WAIT = 900.0
#: Seconds that a service may make us wait by `Retry-After`.
_LONGEST_ASKED = 3600.0


def back_off(failures: int, asked: float = 0.0) -> float:
    """Seconds to wait after so many failed tries in a row: 1, 2, 4 ... 900; longer where the
    service asked for it, up to an hour."""
    return max(min(2.0 ** (failures - 1), LONGEST_WAIT), min(asked, _LONGEST_ASKED))
