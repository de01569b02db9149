"""Taking messages from Kafka: what is not done is given again, to whoever has the partition."""

import threading
from collections.abc import Iterator

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaTimeoutError

from connectors.kafka.intake import Intake, Lost, Message, Stopped
from connectors.kafka.reading import committed
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
        self.put(*(b"%d" % n for n in range(40)))

    def put(self, *values: bytes) -> None:
        """More messages, to one partition after the other."""
        producer = KafkaProducer(bootstrap_servers=self.kafka.bootstrap, acks="all")
        sent = [
            producer.send(self.name, value=value, partition=n % 4) for n, value in enumerate(values)
        ]
        for one in sent:
            one.get(60)
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


def finish(intake: Intake) -> set[bytes]:
    """Takes what there is, and says that it is done; what it was."""
    taken = intake.take()
    intake.done(taken)
    return values(taken)


def away(*_: object, **__: object) -> None:
    """A commit while the broker is away."""
    raise KafkaTimeoutError("no answer")


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


@pytest.mark.parametrize("later", ["take", "close"])
def test_a_commit_that_did_not_reach_the_broker_is_told_again(
    desk: Desk, later: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the next `take`, even if nothing comes any more, or at the end: who looks at what groups have
    left, as a replay does, would else wait for the next article."""
    intake = desk.join()
    found: set[bytes] = set()
    with monkeypatch.context() as patched:
        patched.setattr(intake._consumer, "commit", away)
        while len(found) < 40:
            found |= finish(intake)
        assert sum(committed(desk.kafka, desk.name, desk.name).values()) == 0
    if later == "take":
        assert intake.take() == []
    else:
        desk.members.remove(intake)
        intake.close()
    assert sum(committed(desk.kafka, desk.name, desk.name).values()) == 40


def test_what_is_owed_for_another_workers_partitions_is_not_committed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That worker may be further on: it would be set back, now or when the partitions return."""
    first = desk.join()
    with monkeypatch.context() as patched:
        patched.setattr(first._consumer, "commit", away)
        found: set[bytes] = set()
        while len(found) < 40:
            found |= finish(first)
        second = desk.join()
        seconds: set[bytes] = set()

        def until_four_more() -> None:
            while len(seconds) < 24 and not desk.stop.is_set():
                seconds.update(finish(second))

        polling = threading.Thread(target=until_four_more, daemon=True)
        polling.start()
        while len(seconds) < 20:  # it got two partitions, and nothing was committed there
            first.take()
        desk.put(*(b"more %d" % n for n in range(8)))  # two for each partition
        polling.join(60)
        assert len(seconds) == 24
    first.take()
    offsets = committed(desk.kafka, desk.name, desk.name)
    assert sorted(offsets.values()) == [10, 10, 12, 12]

    desk.members.remove(second)
    second.close()
    while len(first._consumer.assignment()) < 4:  # they come back, with what was owed for them
        first.take()
    first.take()
    assert committed(desk.kafka, desk.name, desk.name) == offsets


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
