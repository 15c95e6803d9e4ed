# `just` lists the recipes; `just check` is what the gate runs.

set shell := ["bash", "-euo", "pipefail", "-c"]

_default:
    @just --list --unsorted

# Everything the gate runs: format, lints, tests on both databases, contract, demonstration
check:
    .ci/run

# Format the code
fmt:
    cargo fmt --all

# Format and clippy, as the gate wants them
lint:
    cargo fmt --all --check
    cargo clippy --all-targets --locked -- -D warnings

# The tests on SQLite
test *args:
    cargo test {{ args }}

# The tests on SQLite and PostgreSQL; the user may create databases
test-postgres url *args:
    TEST_DATABASE_URL={{ quote(url) }} cargo test {{ args }}

# Write the contract again from the code
openapi:
    cargo run --quiet -- openapi > openapi/openapi.json

# Lint the committed contract
contract:
    openapi/lint/run.sh

# Property tests of a running demonstration: just demo, then in another terminal just fuzz
fuzz url="http://127.0.0.1:8080" clients="var/demo-clients.json":
    openapi/lint/fuzz.sh {{ quote(url) }} {{ quote(clients) }}

# Push one decision to a running demonstration and see it published
smoke url="http://127.0.0.1:8080" clients="var/demo-clients.json":
    .ci/smoke.py {{ quote(url) }} {{ quote(clients) }}

# Serve the demonstration data set on http://127.0.0.1:8080
demo:
    cargo run --release -- demo

# Licences and advisories of the dependencies (needs cargo-deny)
deny:
    cargo deny check
