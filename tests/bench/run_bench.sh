#!/usr/bin/env bash
# Runs every figure that needs no other program and prints JSON lines; keeps them in build/bench/results.jsonl too.
# usage: tests/bench/run_bench.sh [SECONDS_A_FIGURE]    default 10; TAGSWELL_BENCH_ONLY=http|single|ws|paced|fanout|reads|micro
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-10}
only=${TAGSWELL_BENCH_ONLY:-}
tagswell=$PWD/build/release/tagswell
load=$PWD/build/release/tests/bench/load/tagswell_load
work=$(mktemp -d)
server=
mkdir -p build/bench
results=$PWD/build/bench/results.jsonl
: >"$results"

finish() {
  [ -z "$server" ] || kill -9 "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
say() { tee -a "$results"; }
wants() { [ -z "$only" ] || [[ ",$only," == *",$1,"* ]]; }

start() {  # start FSYNC CLOCK: sets $server and $port
  rm -rf "$work/data"
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  env -u TAGSWELL_BENCH_ONLY "$tagswell" serve --data "$work/data" --listen "127.0.0.1:$port" --fsync "$1" --clock "$2" >"$work/log" 2>&1 &
  server=$!
  for _ in $(seq 200); do
    curl -sf -o /dev/null "http://127.0.0.1:$port/readyz" && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.05
  done
  cat "$work/log" >&2
  exit 1
}
stop() {
  kill -TERM "$server"
  wait "$server" || { cat "$work/log" >&2; exit 1; }
  server=
}
run() {  # run MODE ARGUMENTS...: one load against the running server
  "$load" "$1" --port "$port" --pid "$server" --seconds "$seconds" --label "fsync=$fsync" "${@:2}" | say
}

printf '{"bench":"machine","label":"%s, %s cores, %s GiB, commit %s","value":%s,"unit":"epoch"}\n' \
  "$(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1)" "$(nproc)" "$(awk '/MemTotal/ {print int($2/1048576)}' /proc/meminfo)" \
  "$(git rev-parse --short HEAD 2>/dev/null || echo none)" "$(date +%s)" | say

for fsync in never interval always; do
  if wants http; then
    start $fsync wall
    run http-ndjson --batch 1000 --connections 8 | tee "$work/flat"
    half=$(sed -n 's/.*"http_ndjson_rate".*"value":\([0-9]*\).*/\1/p' "$work/flat" | awk '{print int($1 / 2)}')
    run http-ndjson --batch 1000 --connections 8 --rate "$half"
    stop
    printf '{"bench":"disk","label":"fsync=%s","value":%s,"unit":"bytes"}\n' $fsync "$(du -sb "$work/data" | cut -f1)" | say
  fi
  if wants paced; then
    start $fsync wall
    run http-ndjson --batch 1000 --connections 8 --rate 143199
    run http-ndjson --batch 100 --connections 16 --rate 143199
    stop
  fi
  if wants single; then
    start $fsync wall
    run http-single --connections 64
    stop
  fi
  if wants ws; then
    start $fsync wall
    run ws --batch 100 --connections 4 --window 16
    run ws --batch 1 --connections 8 --window 2000 --rate 143199
    stop
  fi
done

if wants fanout; then
  fsync=never
  "$tagswell" synth --scenario metoo --scale 50 >"$work/metoo.ndjson"
  ulimit -n "$(ulimit -Hn)"
  for subscribers in 0 1000 5000; do
    start never event
    if [ "$subscribers" -gt 0 ]; then
      "$load" subscribe --port "$port" --pid "$server" --seconds "$seconds" --subscribers "$subscribers" 2>"$work/ready" | say &
      reader=$!
      for _ in $(seq 600); do
        grep -q ready "$work/ready" && break
        sleep 0.05
      done
    fi
    before=$(awk '{print $14 + $15}' /proc/"$server"/stat)
    split -l 500 --filter="curl -sf -o /dev/null -H 'Content-Type: application/x-ndjson' --data-binary @- http://127.0.0.1:$port/v1/posts" "$work/metoo.ndjson"
    if [ "$subscribers" -gt 0 ]; then
      wait "$reader"
    else
      sleep 1
    fi
    after=$(awk '{print $14 + $15}' /proc/"$server"/stat)
    printf '{"bench":"fanout_feed_cpu","label":"subscribers=%s","value":%s,"unit":"ms"}\n' "$subscribers" $(((after - before) * 10)) | say
    stop
  done
fi

if wants reads; then
  tests/bench/read_bench.py | say
fi

if wants micro; then
  for program in build/release/tests/bench/*_bench; do
    [ -x "$program" ] && [ -f "$program" ] || continue
    "$program" | say
  done
fi
echo "kept in $results" >&2
