"""A batch of the enrich stage."""

import asyncio

import pytest

from streams.agents.enrich import _result


async def test_a_failure_of_one_does_not_wait_for_those_before_it() -> None:
    """The first of a batch may hang for a minute; the stage must crash now, with the cause."""
    loop = asyncio.get_running_loop()
    first, second = loop.create_future(), loop.create_future()
    loop.call_soon(second.set_exception, RuntimeError("the broker has not taken it"))
    with pytest.raises(RuntimeError, match="the broker has not taken it"):
        await _result(first, (first, second))


async def test_what_is_done_is_acknowledged_before_a_failure_is_told() -> None:
    """The one that is asked for comes first, whatever has failed behind it."""
    loop = asyncio.get_running_loop()
    first, second = loop.create_future(), loop.create_future()
    second.set_exception(RuntimeError("later"))
    first.set_result("first")
    assert await _result(first, (first, second)) == "first"
    with pytest.raises(RuntimeError, match="later"):
        await _result(second, (first, second))
