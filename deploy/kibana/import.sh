#!/bin/sh
# Puts dongtin's data views, searches, charts and dashboards into a Kibana. May be repeated: what is
# there already is replaced, and nothing else is touched.
#
#   KIBANA_URL            http://localhost:5601
#   KIBANA_USER           none: Kibana asks for no user
#   KIBANA_PASSWORD_FILE  a file with the user's password
#   KIBANA_CA_FILE        PEM, for https with a certificate of your own
#   KIBANA_WAIT           seconds to wait until Kibana answers: 300
# Exit status: 0 done, 1 it did not answer or refused, 2 a wrong setting.
set -eu

url=${KIBANA_URL:-http://localhost:5601}
file=$(dirname "$0")/dongtin.ndjson
deadline=$(($(date +%s) + ${KIBANA_WAIT:-300}))

if [ -n "${KIBANA_USER:-}" ] && [ ! -r "${KIBANA_PASSWORD_FILE:-}" ]; then
    echo "import.sh: KIBANA_PASSWORD_FILE: ${KIBANA_PASSWORD_FILE:-(not set)} can't be read" >&2
    exit 2
fi

# the password goes to curl by standard input: arguments are seen by every user of the machine
ask() {
    {
        if [ -n "${KIBANA_USER:-}" ]; then
            password=$(sed 's/[\\"]/\\&/g' "$KIBANA_PASSWORD_FILE")
            printf 'user = "%s:%s"\n' "$KIBANA_USER" "$password"
        fi
        if [ -n "${KIBANA_CA_FILE:-}" ]; then printf 'cacert = "%s"\n' "$KIBANA_CA_FILE"; fi
    } | curl --silent --show-error --max-time 60 --config - "$@"
}

answers() { # while it starts there is nobody, or it says 503
    case $(ask --output /dev/null --write-out '%{http_code}' "$url/api/status" 2>/dev/null) in
    000 | 5??) return 1 ;;
    esac
}

until answers; do
    if [ "$(date +%s)" -ge "$deadline" ]; then
        echo "import.sh: no Kibana answers at $url" >&2
        exit 1
    fi
    sleep 2
done

answer=$(ask --header 'kbn-xsrf: true' --form "file=@$file;type=application/ndjson" \
    "$url/api/saved_objects/_import?overwrite=true") || exit 1
case $answer in
*'"success":true'*) echo "import.sh: $(wc -l <"$file") objects are in $url" ;;
*)
    echo "import.sh: Kibana refused: $answer" >&2
    exit 1
    ;;
esac
