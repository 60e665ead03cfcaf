#!/bin/sh
# Installs the programs some tests run, where they are missing and apt is there: Tesseract, Chromium with its driver,
# nginx, PgBouncer, a C compiler, rclone, age, ShellCheck, systemd's tools; and libarchive, which reads 7z and RAR.
set -eu

missing=
need() { # need PROGRAM PACKAGE
    command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || missing="$missing $2"
}
need tesseract tesseract-ocr
tesseract --list-langs 2>/dev/null | grep -q "^rus$" || missing="$missing tesseract-ocr-rus"
need chromium chromium
need chromedriver chromium-driver
need nginx nginx-light
need pgbouncer pgbouncer
need cc "gcc libc6-dev"
need openssl openssl
need rclone rclone
need age age
need shellcheck shellcheck
need systemd-analyze systemd
ldconfig -p 2>/dev/null | grep -q "libarchive\.so\.13" || missing="$missing libarchive13"

[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need these programs:$missing. Install them with this machine's package manager." >&2
    exit 1
fi
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
echo "installing$missing with apt (once)"
# shellcheck disable=SC2086  # a list of packages
$as_root env DEBIAN_FRONTEND=noninteractive sh -c "apt-get update -qq && apt-get install -qq -y --no-install-recommends $missing" >/dev/null
