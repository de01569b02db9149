"""One test message through one address."""

from connectors.notify.channels import Channel
from connectors.notify.webhook import Refused
from streams.errors import Retry


def trial(channel: Channel) -> tuple[bool, str]:
    """Whether the address took a test message, and what it said, without secrets."""
    try:
        return True, channel.test()
    except (Refused, Retry) as error:
        return False, str(error)
    # a service's client may raise anything, with what is secret in its text
    except Exception as error:  # noqa: BLE001
        return False, type(error).__name__
