# ./orleansml doctor: asks the feed for each group of packages and writes .oml/feed.props. Sourced.
# shellcheck shell=bash disable=SC2154 # root, state and engine are the caller's

# Where a feed stops at an older SQLite, these are pinned instead.
old_sqlite=6.0.7
old_sqlite_bundle=2.0.6

doctor() {
  local refresh=
  while (($# > 0)); do
    case "$1" in
      --refresh) refresh=1 ;;
      -h | --help)
        printf 'usage: ./orleansml doctor [--refresh]\n  --refresh  asks the feed again\n'
        return
        ;;
      *) fail 2 "doctor does not know '$1'; it takes --refresh." ;;
    esac
    shift
  done
  lock
  ensure_feed "$refresh"
  unlock
  cat "$state/feed.txt"
  [[ -z "$engine" ]] || need_engine "$engine"
}

# Asks the feed unless it was asked before under the same conditions, and installs what stand-ins are made of.
ensure_feed() {
  need_dotnet
  local fingerprint
  fingerprint="$(feed_fingerprint)"
  if [[ -n "${1:-}" || ! -f "$state/feed.props" || ! -f "$state/feed.sh" || "$(cat "$state/feed.fingerprint" 2>/dev/null)" != "$fingerprint" ]]; then
    ask_feed
    printf '%s\n' "$fingerprint" >"$state/feed.fingerprint"
  fi
  # shellcheck source=/dev/null
  . "$state/feed.sh"
  if [[ "$feed_onnx" == standin ]]; then
    install_onnx
  fi
}

# What the answer depends on: the SDK, the versions asked for, the sources configured, the stand-ins there.
feed_fingerprint() {
  {
    printf '%s\n' "$sdk"
    cat "$root/Directory.Packages.props" "$root/eng/feed.sh"
    (cd "$root" && dotnet nuget list source 2>/dev/null) || true
    ls "$root/standins" 2>/dev/null || true
  } | cksum
}

# Central versions. The file is ours and has one property or package a line.
central_property() { sed -n "s|.*<$1[^>]*>\([^<]*\)</$1>.*|\1|p" "$root/Directory.Packages.props"; }

central_packages() { sed -n 's|.*<PackageVersion Include="\([^"]*\)" Version="\([^"]*\)".*|\1 \2|p' "$root/Directory.Packages.props"; }

central_version() {
  local version
  version="$(central_packages | sed -n "s|^$1 ||p")"
  if [[ "$version" =~ ^\$\((.*)\)$ ]]; then
    version="$(central_property "${BASH_REMATCH[1]}")"
  fi
  printf '%s' "$version"
}

# probe NAME PACKAGE=VERSION...: a real restore into an empty package folder, so that packages left on this machine by
# hand or by an earlier build cannot speak for the feed. Prints why it fails.
probe() {
  local name="$1" folder log item
  shift
  folder="$probes/$name"
  log="$folder/log"
  mkdir -p "$folder/packages"
  {
    printf '<Project Sdk="Microsoft.NET.Sdk">\n<PropertyGroup><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit></PropertyGroup>\n<ItemGroup>\n'
    for item in "$@"; do
      printf '<PackageReference Include="%s" Version="[%s]" />\n' "${item%%=*}" "${item#*=}"
    done
    # Pinned as in the solution, where they would otherwise be a downgrade.
    if [[ "$name" == orleans ]]; then
      for item in $(central_packages | sed -n 's/^\(Microsoft\.Extensions\.[^ ]*\) .*/\1/p'); do
        printf '<PackageReference Include="%s" Version="%s" />\n' "$item" "$(central_version "$item")"
      done
    fi
    printf '</ItemGroup>\n</Project>\n'
  } >"$folder/probe.csproj"
  for item in nuget.config NuGet.config NuGet.Config; do
    [[ ! -f "$root/$item" ]] || cp "$root/$item" "$folder/"
  done
  if NUGET_PACKAGES="$folder/packages/" timeout 300 dotnet restore "$folder/probe.csproj" --disable-build-servers >"$log" 2>&1; then
    printf 'yes' >"$folder/answer"
  else
    explain "$log" >"$folder/answer"
  fi
  rm -rf "$folder/packages"
}

# explain LOG: why a restore failed, in one line.
explain() {
  local missing
  missing="$(grep -oE "Unable to (find (a stable )?package|resolve) '?[A-Za-z0-9._-]+( (with version )?\(>?=? ?[^)]*\))?" "$1" |
    sed -E "s/Unable to (find (a stable )?package|resolve) '?//; s/ (with version )?\((>=|=)? ?/ /; s/[.)]+\$//" | sort -u | paste -sd, | sed 's/,/, /g')" || true
  if [[ -n "$missing" ]]; then
    printf 'not on the feed: %s' "$missing"
  elif grep -qE 'NU1301|Unable to load the service index' "$1"; then
    printf 'the feed does not answer'
  else
    printf 'the restore fails: %s' "$(grep -oE '(NU|MSB|NETSDK)[0-9]+: .*' "$1" | head -n 1 | cut -c1-140 || true)"
  fi
}

restores() { [[ "$(cat "$probes/$1/answer")" == yes ]]; }

# In one line of bearable length, cut between two packages.
reason() { sed -E 's/^(.{180}[^,]*),.*/\1, …/' "$probes/$1/answer"; }

ask_feed() {
  say "asking the package feed (once; './orleansml doctor --refresh' asks again)"
  mkdir -p "$state"
  probes="$(mktemp -d)"
  trap 'rm -rf "$probes"' EXIT

  local package orleans=()
  while read -r package; do
    orleans+=("$package=$(central_version "$package")")
  done < <(central_packages | sed -n 's/^\(Microsoft\.Orleans\.[^ ]*\) .*/\1/p')

  # Two at a time: a restore mostly waits for the feed.
  probe orleans "${orleans[@]}" &
  local first=$!
  probe onnx "Microsoft.ML.OnnxRuntime=$(central_version Microsoft.ML.OnnxRuntime)"
  wait "$first"
  probe sqlite "Microsoft.Data.Sqlite.Core=$(central_version Microsoft.Data.Sqlite.Core)" "SQLitePCLRaw.bundle_e_sqlite3=$(central_version SQLitePCLRaw.bundle_e_sqlite3)"
  restores sqlite || probe old-sqlite "Microsoft.Data.Sqlite.Core=$old_sqlite" "SQLitePCLRaw.bundle_e_sqlite3=$old_sqlite_bundle"

  decide
  write_feed_props "${orleans[@]%%=*}"
  write_feed_table >"$state/feed.txt"
  rm -rf "$probes"
  trap - EXIT
}

# Turns the answers into what is used; kept as shell variables for later runs.
decide() {
  local has_orleans= has_standin= default onnx=real sqlite=new why_orleans=
  if restores orleans; then
    has_orleans=1
  else
    why_orleans="$(reason orleans)"
  fi
  [[ ! -d "$root/standins/Orleans" ]] || has_standin=1
  default=orleans
  if [[ -z "$has_orleans" && -n "$has_standin" ]]; then
    default=standin
  fi
  if ! restores onnx; then
    onnx=standin
    [[ -d "$root/standins/OnnxRuntime" ]] || onnx=missing
  fi
  if ! restores sqlite; then
    sqlite=old
    restores old-sqlite || sqlite=missing
  fi
  {
    printf 'feed_has_orleans=%q\nfeed_has_standin=%q\nfeed_why_orleans=%q\nfeed_default=%q\n' "$has_orleans" "$has_standin" "$why_orleans" "$default"
    printf 'feed_onnx=%q\nfeed_sqlite=%q\n' "$onnx" "$sqlite"
  } >"$state/feed.sh"
  # shellcheck source=/dev/null
  . "$state/feed.sh"
}

write_feed_props() {
  local all
  all="$(printf ';%s' "$@")"
  {
    printf '<Project>\n  <!-- Written by ./orleansml doctor: what this machine'"'"'s package feed lacks. -->\n  <PropertyGroup>\n'
    printf "    <OmlEngine Condition=\"'\$(OmlEngine)' == ''\">%s</OmlEngine>\n" "$feed_default"
    [[ "$feed_onnx" == real ]] || printf '    <OmlFeedLacks>Microsoft.ML.OnnxRuntime;Microsoft.ML.OnnxRuntime.Gpu</OmlFeedLacks>\n'
    [[ -z "$feed_has_standin" ]] || printf "    <OmlFeedLacks Condition=\"'\$(OmlEngine)' == 'standin'\">\$(OmlFeedLacks)%s</OmlFeedLacks>\n" "$all"
    [[ "$feed_sqlite" != old ]] || printf '    <SqliteVersion>%s</SqliteVersion>\n    <SqliteBundleVersion>%s</SqliteBundleVersion>\n' "$old_sqlite" "$old_sqlite_bundle"
    printf '  </PropertyGroup>\n</Project>\n'
  } >"$state/feed.props.new"
  # An equal file keeps its time, so that nothing is rebuilt for it.
  if cmp -s "$state/feed.props.new" "$state/feed.props"; then
    rm "$state/feed.props.new"
  else
    mv "$state/feed.props.new" "$state/feed.props"
  fi
}

write_feed_table() {
  local package version kind why
  printf '%-53s %-9s %-10s %s\n' package taken version why
  while read -r package _; do
    version="$(central_version "$package")"
    kind=real why="no stand-in; not asked"
    case "$package" in
      Microsoft.Orleans.*)
        if [[ -n "$feed_has_orleans" ]]; then
          why="restores into an empty folder"
        elif [[ -n "$feed_has_standin" ]]; then
          kind=stand-in why="$feed_why_orleans"
        else
          kind=missing why="$feed_why_orleans"
        fi
        ;;
      Microsoft.ML.OnnxRuntime*)
        case "$feed_onnx" in
          real) why="restores into an empty folder" ;;
          standin) kind=stand-in why="$(reason onnx)" ;;
          *) kind=missing why="$(reason onnx)" ;;
        esac
        ;;
      Microsoft.Data.Sqlite.Core | SQLitePCLRaw.bundle_e_sqlite3)
        case "$feed_sqlite" in
          new) why="restores into an empty folder" ;;
          old)
            why="older; $(reason sqlite)"
            version="$old_sqlite"
            [[ "$package" == Microsoft.* ]] || version="$old_sqlite_bundle"
            ;;
          *) kind=missing why="$(reason sqlite)" ;;
        esac
        ;;
    esac
    printf '%-53s %-9s %-10s %s\n' "$package" "$kind" "$version" "$why"
  done < <(central_packages)
  printf '\nengines: %s\n' "$(engines_text)"
}

engines_text() {
  local text=
  if [[ -n "$feed_has_orleans" ]]; then
    text="orleans (real)"
  else
    text="orleans cannot be had: $feed_why_orleans"
  fi
  if [[ -n "$feed_has_standin" ]]; then
    text+="; standin (one process)"
  else
    text+="; standin is not in this tree (standins/Orleans)"
  fi
  printf '%s; default %s' "$text" "$feed_default"
}

# Fails, naming the packages, when an engine cannot be had.
need_engine() {
  case "$1" in
    orleans) [[ -n "$feed_has_orleans" ]] || fail 3 "The engine 'orleans' cannot be had: $feed_why_orleans. Configure a NuGet source that has Microsoft.Orleans $(central_property OrleansVersion), run './orleansml doctor --refresh', or use '--engine standin'." ;;
    standin) [[ -n "$feed_has_standin" ]] || fail 3 "The engine 'standin' cannot be had: there is no folder standins/Orleans. Use '--engine orleans'." ;;
  esac
  [[ "$feed_onnx" != missing ]] || fail 3 "Microsoft.ML.OnnxRuntime $(central_property OnnxRuntimeVersion) is not on the feed, and there is no folder standins/OnnxRuntime. Configure a NuGet source that has it and run './orleansml doctor --refresh'."
  [[ "$feed_sqlite" != missing ]] || fail 3 "Neither Microsoft.Data.Sqlite.Core $(central_version Microsoft.Data.Sqlite.Core) nor $old_sqlite is on the feed. Configure a NuGet source that has one and run './orleansml doctor --refresh'."
}

install_onnx() {
  command -v node >/dev/null && command -v npm >/dev/null ||
    fail 3 "Node.js with npm is missing; the feed lacks Microsoft.ML.OnnxRuntime, and its stand-in is made from npm packages. Install Node.js 20 or newer."
  "$root/standins/OnnxRuntime/install.sh" "${OmlNpmFolder:-$state/npm}" || exit 3
}
