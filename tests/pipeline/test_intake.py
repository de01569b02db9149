"""Taking messages from Kafka: what is not done is given again, to whoever has the partition."""

import threading
from collections.abc import Iterator

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from connectors.kafka.intake import Intake, Lost, Message, Stopped
from streams.settings import Kafka

pytestmark = pytest.mark.servers


class Desk:
    """A topic of four partitions with forty messages, and members of a group that reads it."""

    def __init__(self, address: str, name: str) -> None:
        self.kafka = Kafka(bootstrap=address)
        self.name = name
        self.stop = threading.Event()
        self.members: list[Intake] = []
        admin = KafkaAdminClient(bootstrap_servers=address)
        admin.create_topics({name: {"num_partitions": 4, "replication_factor": 1}})
        admin.wait_for_topics([name])
        admin.close()
        producer = KafkaProducer(bootstrap_servers=address, acks="all")
        for n in range(40):
            producer.send(name, value=b"%d" % n, partition=n % 4)
        producer.flush()
        producer.close()

    def join(self) -> Intake:
        """Another member."""
        self.members.append(
            Intake(self.kafka, group=self.name, topics=(self.name,), most=100, stop=self.stop)
        )
        return self.members[-1]


@pytest.fixture
def desk(kafka_address: str, fresh_prefix: str) -> Iterator[Desk]:
    """A desk without members."""
    desk = Desk(kafka_address, f"{fresh_prefix}intake")
    yield desk
    desk.stop.set()
    for member in desk.members:
        member.close()


def some(intake: Intake, count: int = 1) -> list[Message]:
    """Messages, at least `count`, taken at once."""
    found: list[Message] = []
    while len(found) < count:
        found = intake.take()
    return found


def values(messages: list[Message]) -> set[bytes]:
    """What the messages hold."""
    return {message.value or b"" for message in messages}


def test_what_is_not_done_is_given_again(desk: Desk) -> None:
    """By the same member at its next take, and after a restart; what is done is not."""
    first = desk.join()
    taken = some(first)
    assert values(some(first)) >= values(taken)
    first.close()
    desk.members.remove(first)
    second = desk.join()
    again = some(second)
    second.done(again)
    left = {b"%d" % n for n in range(40)} - values(again)
    found: set[bytes] = set()
    while found != left:
        more = second.take()
        assert not values(more) & values(again)
        second.done(more)
        found |= values(more)


def test_a_rebalance_in_mid_flight_loses_nothing(desk: Desk) -> None:
    """The member is told that what it holds is lost; all of it is given again, to it or another."""
    first = desk.join()
    held = some(first)
    second = desk.join()
    found: set[bytes] = set()
    whole = {b"%d" % n for n in range(40)}

    def poll_second() -> None:
        while found != whole and not desk.stop.is_set():
            found.update(values(second.take(0.2)))

    polling = threading.Thread(target=poll_second, daemon=True)
    polling.start()
    with pytest.raises(Lost):
        first.wait(30.0)
    with pytest.raises(Lost):
        first.done(held)
    while found != whole:
        found.update(values(first.take(0.2)))
    polling.join()


def test_waiting_takes_nothing_and_keeps_the_membership(desk: Desk) -> None:
    """Messages that come meanwhile stay with the broker, and the commit is still allowed."""
    intake = desk.join()
    held = some(intake)
    intake.wait(1.0)
    assert intake.join(lambda: threading.Event().wait(0.5)) is False
    intake.done(held)
    rest: set[bytes] = set()
    while len(rest) < 40 - len(held):
        more = intake.take()
        intake.done(more)
        rest |= values(more)
    assert not rest & values(held)


def test_a_stop_ends_every_wait(desk: Desk) -> None:
    """Also that for a call which does not come back."""
    intake = desk.join()
    some(intake)
    desk.stop.set()
    with pytest.raises(Stopped):
        intake.wait(60.0)
    hanging = threading.Event()
    with pytest.raises(Stopped):
        intake.join(hanging.wait, grace=0.2)
    hanging.set()
    with pytest.raises(Stopped):
        Intake(Kafka(bootstrap="127.0.0.1:9"), group="g", topics=("t",), most=1, stop=desk.stop)


def test_an_error_of_the_call_is_the_callers(desk: Desk) -> None:
    """Whatever its class: a time-out of the call is none of ours."""

    def fails() -> None:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        desk.join().join(fails)
