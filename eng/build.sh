# Building and running. Sourced.
# shellcheck shell=bash disable=SC2154 # root, state, engine, configuration, sdk and feed_* are the callers'

# In front of what need not hurry: empty, or nice.
gently=()

# The engine to use: the one forced, else the feed's default. Exits with 3 when it cannot be had.
choose_engine() {
  ensure_feed
  engine="${engine:-$feed_default}"
  need_engine "$engine"
}

# dotnet_build ENGINE PATH [OPTION...]: quiet unless it fails, and never on standard output, which belongs to the command.
dotnet_build() {
  local log="$state/build-$1.log" builder='' compiler='' compiler_pid='' pipe="oml-$$-$1" servers=(--disable-build-servers) code=0
  # Whoever ends us ends the build too.
  trap 'end_build; exit 143' TERM INT
  start_compiler
  OmlEngine="$1" "${gently[@]}" dotnet build "$2" -c "$configuration" "${servers[@]}" -v quiet -clp:NoSummary "${@:3}" >"$log" 2>&1 &
  builder=$!
  wait "$builder" || code=$?
  builder=
  end_build
  trap - TERM INT
  ((code != 0)) || return 0
  grep -E '(error|warning) [A-Z]+[0-9]+' "$log" | sort -u | head -n 40 >&2 || tail -n 40 "$log" >&2
  fail 1 "The build failed ($1); the whole log: $log"
}

# One compiler for all projects of a build, warm after the first; it is ours alone, and ends with the build. Where the SDK does
# not have it in this place, each project starts its own.
start_compiler() {
  local program
  program="$(dotnet --list-sdks | sed -n "s/^$sdk \[\(.*\)\]\$/\1/p")/$sdk/Roslyn/bincore/VBCSCompiler.dll"
  [[ -f "$program" ]] || return 0
  compiler="$program"
  "${gently[@]}" dotnet "$compiler" "-pipename:$pipe" </dev/null >/dev/null 2>&1 9>&- &
  compiler_pid=$!
  servers=(-nodeReuse:false -p:UseRazorBuildServer=false -p:SharedCompilationId="$pipe")
}

# Of dotnet_build: ends what is left of the build, and its compiler.
end_build() {
  if [[ -n "$builder" ]]; then
    kill "$builder" 2>/dev/null || true
    wait "$builder" || true
  fi
  [[ -n "$compiler" ]] || return 0
  # By the pipe: the build starts another one if ours has ended, as it does when nothing was asked of it for ten minutes.
  timeout 10 dotnet "$compiler" "-pipename:$pipe" -shutdown >/dev/null 2>&1 || true
  kill "$compiler_pid" 2>/dev/null || true
  wait "$compiler_pid" 2>/dev/null || true
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
