#!/usr/bin/env bash
# Installs what tagswell needs from Debian 12's packages, and only what is missing.
# usage: deploy/install-deps.sh [run|test|coverage|peers]    run: build and start; test: and the test suite; coverage:
# and make coverage; peers: and make bench-peers. Asks for sudo only when something is missing and this is not root already.
set -euo pipefail

run=(
  ca-certificates clang-19 cmake curl libabsl-dev libboost1.81-dev libcli11-dev libcurl4-openssl-dev libicu-dev libjemalloc-dev
  liblz4-dev libprotobuf-dev libre2-dev librocksdb-dev libsimdjson-dev libsnappy-dev libspdlog-dev libssl-dev
  libstdc++-12-dev libtomlplusplus-dev libxxhash-dev libzstd-dev lld-19 make ninja-build pkg-config
  prometheus-cpp-dev protobuf-compiler zlib1g-dev
  # CMake configures the tests with the rest, so their libraries are always needed.
  libbenchmark-dev libgtest-dev
)
test=(ccache chromium clang-format-19 clang-tidy-19 debootstrap dpkg-dev fish git libclang-rt-19-dev openssl prometheus python3 python3-jsonschema python3-yaml zsh zstd)
coverage=(gcovr llvm-19)
peers=(postgresql redis-server)

case "${1:-run}" in
  run) wanted=("${run[@]}") ;;
  test) wanted=("${run[@]}" "${test[@]}") ;;
  coverage) wanted=("${run[@]}" "${test[@]}" "${coverage[@]}") ;;
  peers) wanted=("${run[@]}" "${test[@]}" "${peers[@]}") ;;
  *) echo "usage: $0 [run|test|coverage|peers]" >&2; exit 2 ;;
esac

# The page's test needs npm: Debian's, unless there is one already.
if [ "${1:-run}" = test ] && ! command -v npm >/dev/null; then wanted+=(nodejs npm); fi

# One query for all; packages dpkg has never heard of are simply absent from its answer.
have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/^installed //p' || true)
missing=()
for package in "${wanted[@]}"; do
  grep -qxF -- "$package" <<<"$have" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "Installing: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Run as root: apt-get install ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
