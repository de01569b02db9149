"""How the servers log: one file each, of a bounded size."""

from pathlib import Path

_TEMPLATE = """\
status = error
shutdownHook = disable
rootLogger.level = info
rootLogger.appenderRef.file.ref = file
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = ${sys:dongtin.logs}/NAME
appender.file.filePattern = ${sys:dongtin.logs}/NAME.%i
appender.file.layout.type = PatternLayout
appender.file.layout.charset = UTF-8
appender.file.layout.pattern = %d %-5p %c{1}: %m%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
"""


def log4j2_settings(name: str) -> str:
    """log4j2's settings for a server that logs to the file `name` in the folder of `logs_flag`."""
    return _TEMPLATE.replace("NAME", name)


def logs_flag(folder: Path) -> str:
    """The Java flag that tells the folder; as a flag, because a path there needs no escaping."""
    return f"-Ddongtin.logs={folder}"
