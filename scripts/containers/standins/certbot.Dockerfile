# certbot/certbot: asks an authority of our own, which looks for its challenge at port 80 as Let's Encrypt does.
FROM localhost/debian
RUN apt-get update && apt-get install --yes --no-install-recommends openssl curl && rm -rf /var/lib/apt/lists/*
COPY authority.pem authority.key /authority/
COPY certbot /usr/local/bin/certbot
ENTRYPOINT ["certbot"]
