#!/bin/sh
# Production: migrates as a step of its own, then serves.
#
#     DATABASE_URL=postgres://.. ./start.sh
#     DATABASE_URL=postgres://.. ./start.sh --listen 0.0.0.0:8080      whatever `serve` takes
#
# HARDTACK_BIN   the binary: `hardtack` beside this script, or in PATH
# HARDTACK_ENV   the table of hardtack.toml: production
set -eu

fail() {
    printf 'start.sh: %s\n' "$*" >&2
    exit 2
}

binary=${HARDTACK_BIN:-$(dirname "$0")/hardtack}
[ -x "$binary" ] || [ -n "${HARDTACK_BIN-}" ] || binary=hardtack
command -v "$binary" >/dev/null || fail "there is no program $binary: put it beside this script or into PATH, or name it in HARDTACK_BIN"
[ -n "${DATABASE_URL-}" ] || fail "DATABASE_URL is not set: name the database, as in postgres://app@db.example/app?sslmode=verify-full"
export HARDTACK_ENV="${HARDTACK_ENV:-production}"

# SIGTERM goes on to the migration, which stops at its next safe point and says where (exit code 8). Ctrl-C reaches it by itself.
"$binary" --migrate-only &
migration=$!
trap 'kill -TERM "$migration" 2>/dev/null || true' TERM
trap : INT
code=0
wait "$migration" || code=$?
# A signal ends the wait, and not the migration.
while kill -0 "$migration" 2>/dev/null; do
    code=0
    wait "$migration" || code=$?
done
trap - TERM INT
[ "$code" = 0 ] || exit "$code"

# Nothing is pending any more; what is all the same is a mistake. An older binary serves where the newer revisions say that it works.
exec "$binary" serve --on-pending fail --on-ahead compatible "$@"
