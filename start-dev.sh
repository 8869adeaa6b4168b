#!/bin/sh
# Development: builds the reference application and serves it, with the admin page, on a private database in .hardtack/. Ctrl-C ends both.
#
#     ./start-dev.sh
#     ./start-dev.sh --listen 127.0.0.1:9000      whatever `serve` takes
set -eu
cd "$(dirname "$0")"

# A database that is named for something else is left alone.
unset DATABASE_URL PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGSERVICE

cargo build --locked
cat <<'WORDS'
The admin page: http://127.0.0.1:8080/admin (or wherever --listen says)
It wants a token. In another terminal: cargo run --quiet -- tokens create "$USER" admin
WORDS
# In this script's place, so that Ctrl-C reaches it alone, and its database ends with it.
exec cargo run --locked --quiet -- serve --admin "$@"
