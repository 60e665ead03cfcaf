#!/bin/sh
# Brings this checkout up on this machine: checks .env, builds or pulls the image, gets a certificate, starts, and waits
# until the control plane can reach everything it needs. Safe to repeat; run it again after `git pull`.
set -eu
cd "$(dirname "$0")/.."

say() { echo "deploy: $*"; }
fail() {
    echo "deploy: $*" >&2
    exit 1
}
# What a name is set to in .env, which is read and never run: a value may hold anything.
setting() { sed -n "s/^$1=//p" .env | tail -n 1; }

until_done() { # until_done COMMAND...: tried again until it works, or DEPLOY_TRIES times
    tries=${DEPLOY_TRIES:-60}
    until "$@"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep "${DEPLOY_WAIT_SECONDS:-3}"
    done
}

docker compose version >/dev/null 2>&1 || fail "Docker with its compose plugin is missing: see docs/production.md"
[ -f .env ] || fail "there is no .env: cp .env.example .env, fill it in, then scripts/make_keys.py .env"
chmod 600 .env
domain=$(setting DOMAIN)
email=$(setting CERTBOT_EMAIL)
balancer=$(setting BALANCER)
profiles=$(setting COMPOSE_PROFILES)
[ -n "$domain" ] || fail "DOMAIN is empty in .env"
[ -n "$email$balancer" ] || fail "CERTBOT_EMAIL is empty in .env"
python3 scripts/make_keys.py .env # what is random and still empty; and keys that another JWT secret signed

if [ -n "$(setting CONTROL_PLANE_IMAGE)" ]; then
    docker compose pull --quiet
else
    docker compose build --quiet control-plane
fi
say "checking the settings"
docker compose run --rm --no-deps -T control-plane python -c '
import os, sys
from control_plane.settings import Settings, SettingsError
try:
    Settings.from_env(os.environ)
except SettingsError as problem:
    sys.exit(str(problem))
' || fail "correct .env and run this again"

say "starting"
docker compose up --detach --remove-orphans

# Until there is one, nginx has a certificate of its own; what certbot writes it takes within a minute. With a certificate
# that is good for all these names this does nothing. Behind a balancer that one stays: the balancer shows the real one.
if [ -z "$balancer" ]; then
    say "asking Let's Encrypt for a certificate, where there is none yet"
    set -- -d "$domain"
    case "$profiles" in *selfhosted*) set -- "$@" -d "db.$domain" -d "s3.$domain" ;; esac
    docker compose run --rm --no-deps -T --entrypoint certbot certbot certonly --webroot -w /var/www/acme --non-interactive \
        --agree-tos --keep-until-expiring --expand --email "$email" --cert-name aseagi "$@" ||
        fail "no certificate: does $domain point to this machine, and is port 80 open? Then run this again"
fi

case "$profiles" in
    *selfhosted*)
        say "making the bucket, where it is missing"
        until_done docker compose run --rm --no-deps -T control-plane python scripts/setup_spaces.py ||
            fail "the storage refuses: docker compose logs seaweedfs nginx"
        # Whoever looked before there was a bucket paused the door to it for ten minutes.
        until_done docker compose exec -T control-plane python -c '
import os
from control_plane.clients import build_supabase
from control_plane.database import Database
from control_plane.database.enums import DoorName
from control_plane.settings import Settings
Database(build_supabase(Settings.from_env(os.environ))).ask_door(DoorName.STORAGE)
' || fail "the database does not answer: docker compose logs postgres postgrest nginx"
        ;;
esac

say "waiting until everything is reachable"
until_done curl --silent --fail --max-time 10 --output /dev/null "https://$domain/ready" || {
    docker compose exec -T control-plane python -m control_plane doctor >&2 || true
    fail "not ready: the lines above name what is missing; docker compose logs control-plane says more"
}

# Two images of ours stay, this one and the one before it; of what builds leave behind, a week's.
docker image ls --quiet --filter label=aseagi=control-plane | awk '!seen[$0]++' | tail -n +3 |
    while read -r old; do docker image rm --force "$old" >/dev/null; done
docker builder prune --force --filter until=168h >/dev/null
[ -z "$(setting BACKUP_RECIPIENT)" ] || sh scripts/install_timers.sh
say "ready: https://$domain"
say "the doctor tries every vendor, for a cent"
docker compose exec -T control-plane python -m control_plane doctor || say "what is marked FAULT above is to be mended"
docker compose run --rm --no-deps -T scaler python -m control_plane doctor image || true # the image's login is the scaler's
