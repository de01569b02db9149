#!/bin/bash
# Puts the password and the keys into Kibana's keystore, at every start, and starts it: what stands in
# the environment would be put on its command line, for `ps` to show.
set -eu
keystore=/usr/share/kibana/bin/kibana-keystore
rm -f /usr/share/kibana/config/kibana.keystore
"$keystore" create --silent
"$keystore" add --stdin elasticsearch.password < /run/dongtin/elasticsearch-password
for key in xpack.security.encryptionKey xpack.encryptedSavedObjects.encryptionKey xpack.reporting.encryptionKey; do
    "$keystore" add --stdin "$key" < /run/dongtin/kibana-key
done
exec /bin/tini -- /usr/local/bin/kibana-docker
