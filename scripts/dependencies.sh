#!/usr/bin/env bash
# Installs the Debian packages that some group of tasks needs: dependencies.sh build|check|test|bench|heat ...
# Idempotent: when all are there already, nothing is run and no network is needed.
set -euo pipefail

build="g++ cmake ninja-build pkg-config ccache mold libboost1.81-dev libssl-dev liblmdb-dev libxml2-dev zlib1g-dev
  libosip2-dev libc-ares-dev libgoogle-perftools-dev libcli11-dev libspdlog-dev libfmt-dev nlohmann-json3-dev prometheus-cpp-dev
  python3 openssl"
check="sip-tester"
test="git libgtest-dev libgmock-dev librapidcheck-dev clang-19 clang-tidy-19 clang-format-19
  libclang-rt-19-dev tshark nftables iproute2 libfaketime baresip-core libxml2-utils binutils file lintian debootstrap
  shellcheck python3-yaml python3-kubernetes python3-heat kamailio chromium linphone-cli dnsmasq-base sngrep"
# Node.js and npm for the browser tests; from elsewhere than Debian is fine.
command -v npm >/dev/null && command -v node >/dev/null || test+=" nodejs npm"
bench="kamailio libbenchmark-dev"
# OpenStack's Keystone and Heat themselves, for ./test --heat only.
heat="nftables iproute2 heat-common heat-api heat-engine keystone uwsgi-core uwsgi-plugin-python3"

packages=""
for group in "$@"; do
  case "$group" in
    build) packages+=" $build" ;;
    check) packages+=" $check" ;;
    test) packages+=" $test" ;;
    bench) packages+=" $bench" ;;
    heat) packages+=" $heat" ;;
    *) echo "dependencies.sh: unknown group '$group' (build, check, test, bench, heat)" >&2; exit 2 ;;
  esac
done

missing=""
for package in $packages; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=" $package"
done
[ -n "$missing" ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "need root, or sudo, to install:$missing" >&2; exit 1; }
  as_root=(sudo)
fi

# Packages of servers (kamailio) start a service when they are installed. Here nothing is to start.
policy=/usr/sbin/policy-rc.d
own_policy=no
undo() { [ "$own_policy" = no ] || "${as_root[@]}" rm -f "$policy"; }
trap undo EXIT
if [ ! -e "$policy" ]; then
  own_policy=yes
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod +x "$policy"
fi

echo "installing:$missing"
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
    apt-get -q -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@"
}
apt update >/dev/null
# shellcheck disable=SC2086 # one word a package
apt install --no-install-recommends $missing >/dev/null

# Nor when the machine starts again.
case " $missing " in
  *" kamailio "*)
    if command -v systemctl >/dev/null; then
      "${as_root[@]}" systemctl disable kamailio.service >/dev/null 2>&1 || true
    fi
    "${as_root[@]}" update-rc.d kamailio disable >/dev/null 2>&1 || true ;;
esac
