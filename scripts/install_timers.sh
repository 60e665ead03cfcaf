#!/bin/sh
# Has systemd make a backup each night, bring one back each Sunday, and read all of them each month, for the checkout that
# this script lies in. deploy.sh runs it. Without systemd it says which lines a crontab needs (docs/production.md).
set -eu
cd "$(dirname "$0")/.."

units=${UNITS:-/etc/systemd/system}
if [ ! -d "${SYSTEMD:-/run/systemd/system}" ]; then
    echo "timers: no systemd here; backups need the crontab of docs/production.md, Back up"
    exit 0
fi
for unit in scripts/timers/*; do
    sed "s|/opt/aseagi|$PWD|" "$unit" >"$units/$(basename "$unit")"
done
systemctl daemon-reload
systemctl enable --now --quiet aseagi-backup.timer aseagi-trial.timer aseagi-drill.timer
