#!/bin/sh
# Mounted into the nginx image's /docker-entrypoint.d: a renewed certificate is read within six hours.
set -eu
(while sleep 21600; do nginx -s reload; done) >/dev/null &
