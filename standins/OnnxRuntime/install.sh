#!/usr/bin/env bash
# Installs what the ONNX Runtime stand-in is compiled from: install.sh [FOLDER], by default .oml/npm.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
folder="${1:-${OmlNpmFolder:-$here/../../.oml/npm}}"

if [[ -f "$folder/installed.json" ]] && cmp -s "$here/package-lock.json" "$folder/installed.json"; then
  exit 0
fi
command -v npm >/dev/null || { echo "npm is needed to install the ONNX Runtime stand-in; install Node.js 20 or newer." >&2; exit 3; }
mkdir -p "$folder"
cp "$here/package.json" "$here/package-lock.json" "$folder/"
# Without scripts: the package's own script would download GPU providers that are not needed here.
if ! (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2); then
  echo "npm could not install the packages of standins/OnnxRuntime/package.json; see the message above." >&2
  exit 3
fi
cp "$here/package-lock.json" "$folder/installed.json"
