# One small image with all programs: producer, worker, web, simulator, mega-sync.
#
#   docker build -t mega-sync .
#   docker run --rm mega-sync producer --help
#
# Builds with BuildKit and with the classic builder alike, so no cache mounts: the dependencies
# have a layer of their own instead, rebuilt only when a Cargo.toml or Cargo.lock changes.
ARG RUST_IMAGE=rust:1.95-slim-trixie
ARG RUNTIME_IMAGE=debian:trixie-slim

# What the programs run on.
FROM ${RUNTIME_IMAGE} AS runtime
LABEL org.opencontainers.image.title="mega-sync" \
    org.opencontainers.image.description="Synchronises the Mega ERP's contracts, instalments and payables into SQL tables" \
    org.opencontainers.image.licenses="MIT"
# Where mega-sync keeps its SQLite file; mount a volume to keep it.
RUN install -d -o 10001 -g 10001 /data
WORKDIR /data
USER 10001:10001
CMD ["mega-sync", "--help"]

# With programs that were built elsewhere, from a context that holds nothing but the files of the
# image: see scripts/prebuilt-image.
FROM runtime AS prebuilt
COPY . /

# The manifests alone, with empty programs: what the dependencies' layer depends on.
FROM ${RUST_IMAGE} AS manifests
WORKDIR /src
COPY . .
RUN find . -type f ! -name Cargo.toml ! -name Cargo.lock -delete \
    && find . -mindepth 1 -type d -empty -delete \
    && for manifest in $(find . -mindepth 2 -name Cargo.toml); do \
        mkdir "${manifest%/*}/src" \
        && echo 'fn main() {}' >"${manifest%/*}/src/main.rs" \
        && : >"${manifest%/*}/src/lib.rs" \
        || exit 1; \
    done

FROM ${RUST_IMAGE} AS build
WORKDIR /src
COPY --from=manifests /src ./
RUN cargo build --release --locked -p producer -p worker -p web -p simulator -p standalone
COPY . .
# Cargo goes by time: sources older than the layer above would pass for built.
RUN find . -name '*.rs' -not -path './target/*' -exec touch {} + \
    && cargo build --release --locked -p producer -p worker -p web -p simulator -p standalone \
    && install -D -t /out/usr/local/bin target/release/producer target/release/worker \
        target/release/web target/release/simulator target/release/mega-sync \
    && install -D -m 0644 -t /out/etc/ssl/certs /etc/ssl/certs/ca-certificates.crt

FROM runtime
# The programs and the certificate authorities they trust; they bring everything else themselves.
# In one step, because the classic builder loses a layer of two such steps in a row.
COPY --from=build /out/ /
