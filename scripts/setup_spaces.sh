#!/bin/sh
# Makes the bucket and its lifecycle rules, and tries the keys. Uses this checkout's Python if there is one with boto3,
# else the control plane's image with the settings of .env.
set -eu
cd "$(dirname "$0")/.."

python=${PYTHON:-.venv/bin/python}
if "$python" -c 'import boto3' 2>/dev/null; then
    exec "$python" scripts/setup_spaces.py
fi
exec docker compose run --rm --no-deps control-plane python scripts/setup_spaces.py
