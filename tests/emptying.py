"""A broker emptied for whoever needs one of its own: starting another takes a hundred times as long."""

from kafka.admin import KafkaAdminClient, MemberToRemove

from tests.pipeline.running import until


def empty(kafka: str) -> None:
    """Takes away every topic and every group, with members that were killed and are still counted: a
    whole pipeline can begin there, and the names of its topics and groups can't be chosen.

    Args:
        kafka: `host:port` of a broker at which nobody is at work. Never one that the tests were told.
    """
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    try:
        if groups := _groups(admin):
            for group, told in admin.describe_groups(groups).items():
                there = [MemberToRemove(member["member_id"]) for member in told["members"]]
                admin.remove_group_members(group, there)
            admin.delete_groups(groups)
        if topics := _topics(admin):
            admin.delete_topics(topics)
        until(lambda: not _topics(admin) and not _groups(admin), "the broker to be empty")
    finally:
        admin.close()


def _groups(admin: KafkaAdminClient) -> list[str]:
    return [group["group_id"] for group in admin.list_groups()]


def _topics(admin: KafkaAdminClient) -> list[str]:
    return [name for name in admin.list_topics() if not name.startswith("__")]  # the broker's own
