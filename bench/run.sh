#!/usr/bin/env bash
# Measures a point read and a decision push at 32 connections beside a bare handler that answers the same bytes.
# Needs wrk, curl and python3. Writes nothing outside a temporary folder; serves on loopback.
#   bench/run.sh [seconds a round] [rounds]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-5} rounds=${2:-3} connections=32 threads=2
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait; rm -rf "$work"' EXIT

cargo build --release --quiet --bins --example bare
address=127.0.0.1:18080 bare=127.0.0.1:18081
DATA_DIR=$work/var LISTEN=$address RUST_LOG=error ${BENCH_DATABASE_URL:+env DATABASE_URL="$BENCH_DATABASE_URL"} \
  target/release/contrat-de-ville demo >"$work/server.log" &
pids+=($!)
until curl -sf "http://$address/health/ready" >/dev/null; do sleep 0.2; done

clients=$work/var/demo-clients.json
secret() { python3 -c 'import json,sys; c=next(c for c in json.load(open(sys.argv[1])) if sys.argv[2] in c["name"]); print(c["clientId"]+":"+c["clientSecret"], c["coFunderId"])' "$clients" "$1"; }
read -r caf caf_id < <(secret Caf)
token=$(curl -s -u "$caf" -d grant_type=client_credentials "http://$address/oauth/token" | python3 -c 'import json,sys; print(json.load(sys.stdin)["access_token"])')
get() { curl -s -H "Authorization: Bearer $token" "http://$address$1"; }
# Lines on which the Caf has said nothing or only intends: pushing there moves no published figure.
get '/v1/applications?limit=200' | python3 -c '
import json, sys
for one in json.load(sys.stdin)["items"]:
    if one["status"] in ("admissible", "underway"):
        print(one["id"])' | while read -r id; do
  line=/v1/applications/$id/decisions/$caf_id
  [[ $(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "http://$address$line") == 404 ]] || continue
  curl -s -o /dev/null -X PUT -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
    -d '{"firmness":"intended","proposed":{"amount":"1.00","currency":"EUR"},"credits":"mainstream"}' "http://$address$line"
  echo "$line"
done >"$work/lines"
point=$(head -n 1 "$work/lines")
get "$point" >"$work/body"
target/release/examples/bare "$work/body" $bare &
pids+=($!)
sleep 0.5
export BENCH_LINES=$work/lines BENCH_TOKEN=$token

wrk_() { wrk -t$threads -c$connections -d"${seconds}s" --latency "$@"; }
echo "$(wc -l <"$work/lines") lines, answer of $(wc -c <"$work/body") bytes, $connections connections, $rounds rounds of $seconds s"
for ((round = 1; round <= rounds; round++)); do
  echo "--- round $round: bare handler"; wrk_ "http://$bare$point" | grep -E 'Requests/sec|50%|99%|Non-2xx'
  echo "--- round $round: point read"; wrk_ -H "Authorization: Bearer $token" "http://$address$point" | grep -E 'Requests/sec|50%|99%|Non-2xx'
  echo "--- round $round: public summary"; wrk_ "http://$address/v1/open-data/funded-projects/summary?groupBy=year" | grep -E 'Requests/sec|50%|99%|Non-2xx'
  echo "--- round $round: decision push"; wrk_ -s bench/push.lua "http://$address" | grep -E 'Requests/sec|50%|99%|Non-2xx|refused'
done
