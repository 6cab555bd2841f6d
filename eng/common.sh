# Words shared by the parts of ./orleansml. Sourced.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

fail() {
  local code="$1"
  shift
  say "orleansml: $*"
  exit "$code"
}

# One writer at a time to the state folder and the build outputs; released when this process ends or lets go.
lock() {
  mkdir -p "$state"
  command -v flock >/dev/null || return 0
  exec 9>"$state/lock"
  flock -n 9 || {
    say "waiting for another ./orleansml that builds here"
    flock 9
  }
}

# Also before another program takes over: it must not inherit the lock.
unlock() { exec 9>&-; }

need_dotnet() {
  local wanted found
  wanted="$(sed -n 's/.*"version": *"\([0-9.]*\)".*/\1/p' "$root/global.json")"
  command -v dotnet >/dev/null || fail 3 "The .NET SDK is missing; install $wanted or newer (https://dot.net) and see that 'dotnet' is on the PATH."
  found="$(cd "$root" && dotnet --version 2>/dev/null)" || fail 3 "The .NET SDK is older than $wanted or of another feature band line; install $wanted or newer. Found: $(dotnet --list-sdks 2>/dev/null | cut -d' ' -f1 | tr '\n' ' ')"
  sdk="$found"
}
