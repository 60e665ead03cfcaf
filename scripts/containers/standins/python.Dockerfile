# python:3.11-slim-bookworm: Debian's Python, which installs where it is asked to, as the official image's does.
FROM localhost/debian
RUN apt-get update && apt-get install --yes --no-install-recommends python3 python3-pip \
    && rm -rf /var/lib/apt/lists/* /usr/lib/python3.11/EXTERNALLY-MANAGED && ln -s python3 /usr/bin/python
COPY certificates.crt /etc/ssl/certs/ca-certificates.crt
# Libraries that bring certificates of their own are to know our authority too, as they know Let's Encrypt.
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt \
    AWS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt
CMD ["python3"]
