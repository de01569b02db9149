"""How the broker is reached, by every client of kafka-python; and why it is not."""

import asyncio
import ssl
from typing import Any

from kafka.errors import AuthorizationError

from streams import security, settings
from streams.errors import Away, Denied, Retry

#: A client knows of new partitions after this; the library's own 5 min would send messages of one key
#: to two partitions for as long.
_METADATA_MS = 10_000
_SECONDS = 3.0  # for the one try that finds out why
_ADVICE = {
    "AuthenticationFailedError": "it does not let in the user {user}: [kafka] user, password and"
    " sasl_mechanism must be as the broker knows them",
    "SaslAuthenticationFailed": "it does not let in the user {user}: [kafka] user, password and"
    " sasl_mechanism must be as the broker knows them",
    "UnsupportedSaslMechanismError": "it does not know [kafka] sasl_mechanism {mechanism}",
    "IllegalSaslStateError": "it wants no user at this port: is [kafka] security_protocol right?",
}


def arguments(kafka: settings.Kafka) -> dict[str, Any]:
    """The addresses, what TLS and SASL need, and what else is the same for all, as keyword arguments of
    any client.

    Raises:
        ConfigError: a certificate or key can't be used.
    """
    return {
        "bootstrap_servers": kafka.bootstrap.split(","),
        "metadata_max_age_ms": _METADATA_MS,
        **_safety(kafka),
    }


def unreachable(kafka: settings.Kafka, error: BaseException) -> Retry:
    """What to raise in place of a client's error. With TLS or users on it may take a few seconds.

    Returns:
        Denied, with what to do, where the broker is there and refuses us, or we it; else Away.
    """
    where = f"Kafka at {kafka.bootstrap}"
    name = type(error).__name__
    told = f"{name}: {str(error).removeprefix(f'{name}: ')}"[:500]  # kafka-python's begin with it
    if isinstance(error, AuthorizationError):
        who = f"the user {kafka.user}" if kafka.user else "us"
        return Denied(f"{where} does not allow this to {who}: {told}; give it the right (an ACL)")
    if refused := _refusal(kafka):
        return Denied(f"{where}: {refused}")
    return Away(f"{where}: {told}")


def _safety(kafka: settings.Kafka) -> dict[str, Any]:
    """What kafka-python and aiokafka call by the same names."""
    found: dict[str, Any] = {"security_protocol": kafka.security_protocol}
    if kafka.security_protocol.endswith("SSL"):
        found["ssl_context"] = security.context("kafka", kafka)
    if kafka.security_protocol.startswith("SASL_"):
        found["sasl_mechanism"] = kafka.sasl_mechanism
        found["sasl_plain_username"] = kafka.user
        found["sasl_plain_password"] = kafka.password.reveal()
    return found


def _refusal(kafka: settings.Kafka) -> str:
    """Why the first broker that can be reached refuses us, or we it; empty where none does.

    kafka-python keeps that to its log and tells only that time ran out: aiokafka's single
    connection is tried instead.
    """
    if kafka.security_protocol == "PLAINTEXT":
        return ""
    for address in kafka.bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            asyncio.run(_try(host.strip("[]"), int(port), kafka))
        except ssl.SSLCertVerificationError as error:
            return security.distrust(error)
        except ssl.SSLError as error:
            return f"no TLS can be agreed on ({error.reason}): is this its port for TLS?"
        except (OSError, ValueError, RuntimeError) as error:  # aiokafka's errors are RuntimeErrors
            advice = _ADVICE.get(type(error).__name__)
            if advice:
                return advice.format(user=kafka.user, mechanism=kafka.sasl_mechanism)
        else:
            return ""
    return ""


async def _try(host: str, port: int, kafka: settings.Kafka) -> None:
    from aiokafka.conn import create_conn

    async with asyncio.timeout(_SECONDS):
        connection = await create_conn(
            host, port, request_timeout_ms=int(_SECONDS * 1000), **_safety(kafka)
        )
    connection.close()
