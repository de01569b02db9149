#!/bin/bash
# Puts settings, certificates, users and roles where the server reads them, at every start, and starts it.
set -eu
config=/usr/share/elasticsearch/config
mkdir -p "$config/certs"
cp /run/dongtin/ca.pem /run/dongtin/elasticsearch.crt /run/dongtin/elasticsearch.key "$config/certs/"
cp /run/dongtin/users /run/dongtin/users_roles /etc/dongtin/roles.yml /etc/dongtin/elasticsearch.yml "$config/"
exec /bin/tini -- /usr/local/bin/docker-entrypoint.sh eswrapper
