#!/bin/sh
# Mounted into the nginx image's /docker-entrypoint.d: nginx always has a certificate to start with. It is certbot's, where
# there is one in ISSUED, else one that we sign ourselves, so that port 80 answers certbot and browsers see who it is not.
# Whatever certbot issues or renews is in use within a minute, without a restart.
#
# CERTIFICATES   where nginx looks        DOMAIN                 for the certificate of our own
# ISSUED         where certbot writes     CERTIFICATE_SECONDS    how often we look there (60)
set -eu
umask 077

take() { # take FOLDER: the pair in it is what nginx uses from its next reload on
    cp "$1/privkey.pem" "$CERTIFICATES/privkey.new"
    cp "$1/fullchain.pem" "$CERTIFICATES/fullchain.new"
    mv "$CERTIFICATES/privkey.new" "$CERTIFICATES/privkey.pem"
    mv "$CERTIFICATES/fullchain.new" "$CERTIFICATES/fullchain.pem"
}

is_new() { # is there a pair in ISSUED that is not the one in use? While certbot writes, key and certificate may differ.
    [ -s "$ISSUED/privkey.pem" ] && [ -s "$ISSUED/fullchain.pem" ] &&
        ! cmp -s "$ISSUED/fullchain.pem" "$CERTIFICATES/fullchain.pem" &&
        [ "$(openssl pkey -in "$ISSUED/privkey.pem" -pubout 2>/dev/null)" = \
            "$(openssl x509 -in "$ISSUED/fullchain.pem" -noout -pubkey 2>/dev/null)" ]
}

mkdir -p "$CERTIFICATES"
if is_new; then
    take "$ISSUED"
elif [ ! -s "$CERTIFICATES/fullchain.pem" ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=$DOMAIN" -addext "subjectAltName=DNS:$DOMAIN" \
        -keyout "$CERTIFICATES/privkey.pem" -out "$CERTIFICATES/fullchain.pem" 2>/dev/null
fi

(while sleep "${CERTIFICATE_SECONDS:-60}"; do
    if is_new; then
        take "$ISSUED"
        nginx -s reload
    fi
done) >/dev/null &
