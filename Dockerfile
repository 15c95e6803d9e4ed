# syntax=docker/dockerfile:1

FROM rust:1.95-slim-bookworm AS build
# TLS to PostgreSQL compiles OpenSSL: perl and make, beside the C compiler of the image.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libc6-dev gcc make perl \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
# The caches stay out of the image, so the binary is copied out of the target folder.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --features tls \
 && cp target/release/contrat-de-ville /contrat-de-ville

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="contrat-de-ville" \
      org.opencontainers.image.description="The shared ledger of a French contrat de ville" \
      org.opencontainers.image.licenses="EUPL-1.2"
# The certificates that a TLS connection to PostgreSQL is checked against.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --system --gid 10001 contrat \
 && useradd --system --uid 10001 --gid contrat --home-dir /data --shell /usr/sbin/nologin contrat \
 && install --directory --owner=contrat --group=contrat --mode=0700 /data
COPY --from=build /contrat-de-ville /usr/local/bin/contrat-de-ville
ENV LISTEN=0.0.0.0:8080 \
    DATA_DIR=/data \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
# Ready means that the database answers. bash opens the connection itself: the image has no HTTP client.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["bash", "-c", "exec 3<>\"/dev/tcp/127.0.0.1/${LISTEN##*:}\" && printf 'GET /health/ready HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r -t 4 line <&3 && [[ $line == 'HTTP/1.1 2'* ]]"]
ENTRYPOINT ["contrat-de-ville"]
CMD ["serve"]
