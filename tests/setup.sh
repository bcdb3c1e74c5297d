#!/bin/sh
# Installs what tests need beyond Python, where this may be done (root on Debian); elsewhere those tests say they are skipped.
set -eu
cd "$(dirname "$0")"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    missing=""
    command -v chromium >/dev/null || missing="$missing chromium"
    command -v redis-server >/dev/null || missing="$missing redis-server"
    command -v initdb >/dev/null || [ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || missing="$missing postgresql"
    command -v node >/dev/null || missing="$missing nodejs npm"
    if [ -n "$missing" ]; then
        echo "installing for the tests:$missing"
        apt-get update -qq
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    fi
fi
installed=node/node_modules/.package-lock.json # -nt alone is false in some shells where there is none
if [ -f node/package-lock.json ] && command -v npm >/dev/null &&
    { [ ! -f $installed ] || [ node/package-lock.json -nt $installed ]; }; then
    echo "installing the Node clients"
    (cd node && npm ci --silent --no-audit --no-fund --ignore-scripts)
fi
