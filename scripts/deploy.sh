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
setting() { sed -n "s/^$1=//p" .env | tail -n 1; }

docker compose version >/dev/null 2>&1 || fail "Docker with its compose plugin is missing: see docs/production.md"
[ -f .env ] || fail "there is no .env: cp .env.example .env, fill it in, then scripts/make_keys.py .env"
chmod 600 .env
domain=$(setting DOMAIN)
email=$(setting CERTBOT_EMAIL)
profiles=$(setting COMPOSE_PROFILES)
[ -n "$domain" ] || fail "DOMAIN is empty in .env"
[ -n "$email" ] || fail "CERTBOT_EMAIL is empty in .env"

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

in_certbot() { docker compose run --rm --no-deps -T --entrypoint "$1" certbot ${2:+-c "$2"}; }
live=/etc/letsencrypt/live/aseagi
if ! in_certbot /bin/sh "test -s $live/fullchain.pem"; then
    say "a certificate of our own, so that nginx can start and answer certbot"
    in_certbot /bin/sh "mkdir -p $live && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=$domain \
        -keyout $live/privkey.pem -out $live/fullchain.pem 2>/dev/null && touch $live/placeholder"
fi

say "starting"
docker compose up --detach --remove-orphans

if in_certbot /bin/sh "test -e $live/placeholder"; then
    say "asking Let's Encrypt for a certificate"
    names="-d $domain"
    case "$profiles" in *selfhosted*) names="$names -d db.$domain -d s3.$domain" ;; esac
    in_certbot /bin/sh "rm -rf /etc/letsencrypt/live/aseagi && certbot certonly --webroot -w /var/www/acme --non-interactive \
        --agree-tos --email $email --cert-name aseagi $names" ||
        fail "no certificate: does $domain point to this machine, and is port 80 open? Then run this again"
    docker compose exec -T nginx nginx -s reload
fi

say "waiting until everything is reachable"
tries=${DEPLOY_TRIES:-60}
until curl --silent --fail --max-time 10 --output /dev/null "https://$domain/ready"; do
    tries=$((tries - 1))
    if [ "$tries" -le 0 ]; then
        curl --silent --max-time 10 "https://$domain/ready" >&2 || true
        fail "not ready: the answer above names what is missing; docker compose logs control-plane says more"
    fi
    sleep "${DEPLOY_WAIT_SECONDS:-3}"
done
say "ready: https://$domain"
