#!/bin/bash
# Formats the broker's storage at its first start, with the users' passwords, and starts it.
# The passwords are in a file that Java itself reads: arguments can be read by everybody with `ps`.
set -eu
settings=/etc/dongtin/server.properties
if [ ! -e /var/lib/kafka/data/meta.properties ]; then
    java -cp "/opt/kafka/libs/*" @/run/dongtin/format.args --config "$settings"
fi
exec /opt/kafka/bin/kafka-server-start.sh "$settings"
