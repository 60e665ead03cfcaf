# nginx:1.28: Debian's nginx, and the entrypoint's two promises: templates are filled in, /docker-entrypoint.d is run.
FROM localhost/debian
RUN apt-get update && apt-get install --yes --no-install-recommends nginx-light openssl gettext-base curl \
    && rm -rf /var/lib/apt/lists/* /etc/nginx/conf.d /etc/nginx/sites-* && mkdir -p /etc/nginx/conf.d /var/cache/nginx
COPY nginx-entrypoint.sh /docker-entrypoint.sh
ENTRYPOINT ["/docker-entrypoint.sh"]
CMD ["nginx", "-g", "daemon off;"]
