#!/usr/bin/env bash
# Make sure that Prometheus, Alertmanager, node_exporter and a browser can be started: from PATH, else from Debian's
# packages.
set -euo pipefail

have() {
    local name
    for name in "$@"; do
        if command -v "$name" >/dev/null; then return 0; fi
    done
    return 1
}

missing=()
{ have prometheus && have promtool; } || missing+=(prometheus)
have alertmanager prometheus-alertmanager || missing+=(prometheus-alertmanager)
have node_exporter prometheus-node-exporter || missing+=(prometheus-node-exporter)
have chromium chromium-browser google-chrome || missing+=(chromium)

if [[ ${#missing[@]} -gt 0 ]]; then
    echo "installing ${missing[*]} (services are not started)" >&2
    "$(dirname "$0")/apt_install.sh" "${missing[@]}"
fi
