#!/usr/bin/env bash
# Install Debian packages without starting the services they bring, neither now nor at the next boot.
#   scripts/apt_install.sh PACKAGE...
set -euo pipefail

if ! command -v apt-get >/dev/null; then
    echo "$* needed, and this is no Debian or Ubuntu (no apt-get): install them so that they are on PATH" >&2
    exit 1
fi
root=()
if [[ $(id -u) -ne 0 ]]; then
    if ! command -v sudo >/dev/null; then
        echo "$* needed: run 'apt-get install $*' as root (this is not root, and there is no sudo)" >&2
        exit 1
    fi
    root=(sudo)
fi

policy=/usr/sbin/policy-rc.d
made_policy=""
restore() { if [[ -n $made_policy ]]; then "${root[@]}" rm -f "$policy"; fi; }
trap restore EXIT
if [[ ! -e $policy ]]; then
    # Exit status 101 means "action forbidden": packages are then installed with their services stopped.
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
    made_policy=yes
    "${root[@]}" chmod 755 "$policy"
fi

apt_get_install() { "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >&2; }
# The package lists of a fresh machine may be empty or old.
apt_get_install "$@" 2>/dev/null || { "${root[@]}" apt-get update -qq >&2 && apt_get_install "$@"; }

if command -v systemctl >/dev/null; then
    for package in "$@"; do
        "${root[@]}" systemctl disable --quiet "$package" 2>/dev/null || true
    done
fi
