#!/usr/bin/env bash
# Measures a batch of 1,000 decisions beside 20 single pushes, one after the other on one connection, each acknowledged from
# disk: new lines that are agreed, new lines that are voted, lines that are superseded.
# Needs curl and python3. Writes nothing outside a temporary folder (or the empty database it is given); serves on loopback.
#   bench/batch.sh [rounds]
#   BENCH_DATABASE_URL=postgres://…  on PostgreSQL; the database must be empty
#   BENCH_FLUSH=1000                 each flush of SQLite takes that many microseconds longer, as on a slower disk; needs strace
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-3} address=127.0.0.1:18083
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null; wait; rm -rf "$work"' EXIT

cargo build --release --quiet --bins --example fill
export DATA_DIR=$work/var DATABASE_URL=${BENCH_DATABASE_URL:-$work/var/ledger.sqlite} TOKEN_TTL_SECONDS=86400
slower=()
if [[ -n ${BENCH_FLUSH:-} ]]; then
  slower=(strace --daemonize --follow-forks --seccomp-bpf --output=/dev/null
    --trace=fdatasync --inject="fdatasync:delay_exit=$BENCH_FLUSH")
fi
LISTEN=$address RUST_LOG=error "${slower[@]}" target/release/contrat-de-ville demo >"$work/server.log" &
server=$!
until curl -sf "http://$address/health/ready" >/dev/null; do sleep 0.2; done
# Half of them are admissible.
target/release/examples/fill "$DATABASE_URL" $((rounds * 7500))
python3 bench/batch.py "$address" "$DATA_DIR/demo-clients.json" "$rounds"
