#!/bin/bash
# The steps of the Dockerfile without an engine: in an empty folder with an empty environment, from the
# files that .dockerignore lets through. Takes some minutes; needs python3.11 and a package index.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/build" "$folder/home"
sed -n 's/^!//p' .dockerignore | while read -r path; do cp --parents -r "$path" "$folder/build"; done
find "$folder/build" -name __pycache__ -prune -exec rm -rf {} +
cd "$folder/build"
mv deploy/build.lock deploy/image.lock .
alone() { env -i HOME="$HOME" PATH="$folder/tools/bin:/usr/bin:/bin" PIP_DISABLE_PIP_VERSION_CHECK=1 "$@"; }
"$root/.venv/bin/python" -m venv "$folder/tools"
alone pip install --quiet --no-deps --only-binary :all: --require-hashes -r build.lock
alone python -m venv --without-pip "$folder/venv"
alone pip --python "$folder/venv/bin/python" install --quiet --no-deps --only-binary :all: --require-hashes -r image.lock
alone pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
alone pip --python "$folder/venv/bin/python" install --quiet --no-deps --no-index --find-links dist dongtin
cd "$folder/home"
inside() { env -i HOME="$folder/home" PATH="$folder/venv/bin:/usr/bin:/bin" "$@"; }
inside dongtin --version
for command in crawl enrich watch index notify ledger doctor; do inside dongtin "$command" --help > "$command.txt"; done
inside python "$folder/build/deploy/credentials.py" "$folder/home/credentials"
printf 'Bộ Chính trị ban hành Chỉ thị 05-CT/TW.\n' > page.txt
inside dongtin extract page.txt --json | grep -c 05-CT/TW
printf 'the image would have %s of packages\n' "$(du -sh "$folder/venv" | cut -f 1)"
