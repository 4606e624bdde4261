#!/usr/bin/env bash
# Starts the server, plays #MeToo's first days into it, and shows each trend as it is announced. Ctrl-C stops all.
# usage: deploy/demo.sh [SCALE]    SCALE divides the public figures; the default, 20, is about 100,000 posts
#        deploy/demo.sh check      says whether the address is free, before anybody waits for a build
set -euo pipefail
cd "$(dirname "$0")/.."

tagswell=build/release/tagswell
scale=${1:-20}
listen=${TAGSWELL_LISTEN:-127.0.0.1:8080}
data=${TAGSWELL_DATA:-}
url=http://$listen

if curl -s -o /dev/null "$url/livez"; then
  echo "Something answers at $url already. Stop it, or name another address: TAGSWELL_LISTEN=127.0.0.1:8081 make run" >&2
  exit 1
fi
[ "$scale" != check ] || exit 0

# Its own folder starts fresh each time: posts that are there already would be duplicates, and nothing would trend.
if [ -z "$data" ]; then
  data=build/demo-data
  rm -rf "$data"
fi
mkdir -p "$data"
"$tagswell" serve --config deploy/demo.toml --data "$data" --listen "$listen" --clock event >"$data/server.log" 2>&1 &
server=$!
watch=
finish() {
  trap - EXIT INT TERM
  [ -z "$watch" ] || kill "$watch" 2>/dev/null || true
  kill -TERM "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
}
trap finish EXIT
trap 'exit 130' INT TERM

for _ in $(seq 300); do
  curl -sf -o /dev/null "$url/readyz" && break
  kill -0 "$server" 2>/dev/null || { cat "$data/server.log" >&2; exit 1; }
  sleep 0.1
done
curl -sf -o /dev/null "$url/readyz" || { echo "The server did not become ready; see $data/server.log" >&2; exit 1; }

echo "tagswell listens at $url. Playing 13 to 16 October 2017 at 1:$scale; trends as they are announced:"
"$tagswell" watch --type started --to "$url" >"$data/watch.log" &
watch=$!
tail -n +1 -f "$data/watch.log" --pid "$watch" &
"$tagswell" synth --scenario metoo --scale "$scale" | "$tagswell" replay --to "$url" -
# The address stands last: behind what is still on its way.
printed=-1
while [ "$printed" != "$(wc -l <"$data/watch.log")" ]; do
  printed=$(wc -l <"$data/watch.log")
  sleep 1
done

echo
echo "All posts are in. The live board: $url   (its slider goes to 15 October, 22:00, when #MeToo rose)"
echo "Ctrl-C stops the server. Its log: $data/server.log"
wait "$server"
