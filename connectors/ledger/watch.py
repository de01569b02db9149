"""The ledger added up again and again: a figure for Prometheus, and a line when it does not add up."""

import threading
from collections.abc import Callable

from connectors.ledger.snapshot import Account, account
from streams.errors import Retry
from streams.health import PROCESS
from streams.ledger import Balance, State
from streams.metrics import LEDGER, LEDGER_AT, UNBALANCED
from streams.settings import Settings

#: Seconds for adding up, however many articles: a million took one minute.
_LOOK_SECONDS = 1800.0
_NAMED = 3  # missing articles in a line


class Watch:
    """Adds up, and says when the answer is another one than before.

    Args:
        say: told one line each time that articles are missing, others than before, and when all
            are there again.
        account: adds up; another one for tests.
    """

    def __init__(
        self,
        settings: Settings,
        say: Callable[[str], None],
        account: Callable[[Settings], Account] = account,
    ) -> None:
        self._settings = settings
        self._say = say
        self._account = account
        self._told = ""

    def run(self, stop: threading.Event, every: float) -> None:
        """Looks every so many seconds until `stop` is set, or never when `every` is 0."""
        heart = PROCESS.expect("ledger", every + _LOOK_SECONDS)
        while every > 0 and not stop.wait(every):
            self.look(stop)
            heart.beat()
        PROCESS.rest("ledger")

    def look(self, stop: threading.Event | None = None) -> None:
        """Adds up once."""
        try:
            found = self._account(self._settings)
        except Retry as error:
            line = f"the ledger can't be added up now: {error}"
        # the watch must outlive what nobody thought of; it is told, and tried again
        except Exception as error:  # noqa: BLE001
            line = f"the ledger can't be added up: {type(error).__name__}: {error}"
        else:
            note(found.balance)
            line = line_of(found.balance)
        if line != self._told and not (stop and stop.is_set()):
            if line or self._told:
                self._say(line or "the ledger adds up again: nothing is missing")
            self._told = line

    def start(self, stop: threading.Event, every: float) -> None:
        """Runs in a thread that does not keep the process from ending."""
        threading.Thread(target=self.run, args=(stop, every), name="ledger", daemon=True).start()


def note(balance: Balance) -> None:
    """Shows a balance to Prometheus."""
    for state in State:
        LEDGER.labels(state.value).set(balance.count(state))
    LEDGER_AT.set_to_current_time()
    UNBALANCED.set(balance.count(State.MISSING))


def line_of(balance: Balance) -> str:
    """What is missing, in a line; nothing when nothing is."""
    count = balance.count(State.MISSING)
    if not count:
        return ""
    some = ", ".join(f"{m.id} ({m.outlet})" for m in balance.missing[:_NAMED])
    more = ", ..." if count > _NAMED else ""
    return f"LEDGER: {count} articles are missing: {some}{more}; `dongtin ledger` names them"
