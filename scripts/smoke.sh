#!/usr/bin/env bash
# Packs the package and uses it as a stranger would: from an empty folder, by what docs/ and README say.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
gateway=
cleanup() {
  [ -z "$gateway" ] || kill -9 "$gateway" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

say() { printf 'smoke: %s\n' "$1"; }
fail() { printf 'smoke: FAILED: %s\n' "$1" >&2; [ ! -s "$work/log" ] || tail -20 "$work/log" >&2; exit 1; }

# A gateway on free ports, of the quickstart or of SALLYPORT_CONFIG; sets $gateway and $origin.
start_gateway() {
  : >"$work/log"
  node node_modules/sallyport/dist/cli/index.js start >"$work/log" 2>&1 </dev/null &
  gateway=$!
  for _ in $(seq 100); do
    origin=$(sed -n 's/^traffic: //p' "$work/log")
    [ -z "$origin" ] || return 0
    kill -0 "$gateway" 2>/dev/null || fail 'the gateway did not start'
    sleep 0.1
  done
  fail 'the gateway did not say where it listens'
}

stop_gateway() {
  kill -TERM "$gateway"
  local status=0
  wait "$gateway" || status=$?
  gateway=
  [ "$status" -eq 0 ] || fail "SIGTERM ended the gateway with $status"
}

say 'pack and install'
(cd "$root" && npm pack --silent --pack-destination "$work" >/dev/null)
mkdir "$work/project"
cd "$work/project"
npm init -y >/dev/null
npm pkg set type=module
npm install --silent --no-audit --no-fund "$work"/sallyport-*.tgz

say 'serve the quickstart: issue, check and revoke a token'
export SALLYPORT_TRAFFIC_PORT=0 SALLYPORT_MANAGEMENT_PORT=0
start_gateway
post() { curl -sS --fail-with-body -u "$2:sample-secret" -d "$3" "$origin$1"; }
token=$(post /oauth/token sample-app grant_type=client_credentials |
  sed 's/.*"access_token":"\([^"]*\)".*/\1/')
post /oauth/introspect sample-resource-server "token=$token" | grep -q '"active":true' ||
  fail 'the token is not active'
post /oauth/revoke sample-app "token=$token"
[ "$(post /oauth/introspect sample-resource-server "token=$token")" = '{"active":false}' ] ||
  fail 'the token is active still'
npx sallyport apps list | grep -q sample-app || fail 'apps list does not speak to the gateway'
if grep -qF "$token" "$work/log"; then fail 'the log shows the token'; fi
stop_gateway
npx sallyport store status | grep -q reachable || fail 'store status does not open the store'
npx sallyport test >"$work/log" || fail 'the shipped policies fail their tests'

say 'write a filter as docs/writing-filters.md does'
node "$root/scripts/extract-files.mjs" node_modules/sallyport/docs/writing-filters.md .
"$root/node_modules/.bin/tsc" --typeRoots "$root/node_modules/@types"
node --test >"$work/log" 2>&1 || fail 'its tests fail'
export PORT=0 SALLYPORT_CONFIG=gateway.json
npx sallyport lint
npx sallyport test >"$work/log" || fail 'the policy of the page fails its tests'
start_gateway
[ "$(curl -sS -H 'x-partner-key: acme-key' "$origin/hello")" = 'Hello, acme' ] ||
  fail 'the gateway does not greet'
stop_gateway

say 'all well'
