# Building and running. Sourced.
# shellcheck shell=bash disable=SC2154 # root, state, engine, configuration and feed_* are the callers'

# The engine to use: the one forced, else the feed's default. Exits with 3 when it cannot be had.
choose_engine() {
  ensure_feed
  engine="${engine:-$feed_default}"
  need_engine "$engine"
}

# dotnet_build ENGINE PATH [OPTION...]: quiet unless it fails, and never on standard output, which belongs to the command.
dotnet_build() {
  local log="$state/build-$1.log" builder code=0
  OmlEngine="$1" dotnet build "$2" -c "$configuration" --disable-build-servers -v quiet -clp:NoSummary "${@:3}" >"$log" 2>&1 &
  builder=$!
  # Whoever ends us ends the build too.
  trap 'kill "$builder" 2>/dev/null; wait "$builder"; exit 143' TERM INT
  wait "$builder" || code=$?
  trap - TERM INT
  ((code != 0)) || return 0
  grep -E '(error|warning) [A-Z]+[0-9]+' "$log" | sort -u | head -n 40 >&2 || tail -n 40 "$log" >&2
  fail 1 "The build failed ($1); the whole log: $log"
}

build_all() {
  lock
  choose_engine
  dotnet_build "$engine" "$root/OrleansMl.sln"
  unlock
}

# True when nothing that the build reads is newer than the stamp. Folders count too: they change when a file goes away.
is_built() {
  local stamp="$1" inputs=("$root/src") item
  for item in standins Directory.Build.props Directory.Build.targets Directory.Packages.props global.json .oml/feed.props; do
    [[ ! -e "$root/$item" ]] || inputs+=("$root/$item")
  done
  [[ -f "$stamp" ]] && [[ -z "$(find "${inputs[@]}" -newer "$stamp" -print -quit)" ]]
}

# Builds where needed, then becomes the program, so that signals and exit codes are its own.
run_cli() {
  lock
  if ! feed_known; then
    choose_engine
  else
    engine="${engine:-$feed_default}"
    need_engine "$engine"
  fi
  # With the GPU runtime it is another build, beside the ordinary one: docs/gpu.md.
  local flavour="$engine"
  [[ "${OmlGpu:-}" != true ]] || flavour="$engine-gpu"
  local stamp="$state/built-$flavour" program="$root/artifacts/$flavour/bin/OrleansMl.Cli/release/OrleansMl.Cli.dll"
  if [[ ! -f "$program" ]] || ! is_built "$stamp"; then
    ensure_feed
    say "building ($flavour)"
    # Taken before: what changes during the build counts as newer.
    touch "$stamp.new"
    dotnet_build "$engine" "$root/src/OrleansMl.Cli/OrleansMl.Cli.csproj"
    mv "$stamp.new" "$stamp"
  fi
  unlock
  export OML_ENGINE="$engine" OML_ROOT="$root"
  exec dotnet "$program" "$@"
}

# The feed was asked before, by the look of its files: enough for a start within a second; any build asks properly.
feed_known() {
  [[ -f "$state/feed.props" && -f "$state/feed.sh" && -f "$state/feed.fingerprint" ]] || return 1
  command -v dotnet >/dev/null || return 1
  # shellcheck source=/dev/null
  . "$state/feed.sh"
}
