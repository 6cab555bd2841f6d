# ./orleansml test. Sourced.
# shellcheck shell=bash disable=SC2154 # root, state, engine, configuration and feed_* are the callers'

# A project that hangs is ended and counts as failed.
hang_minutes="${OML_TEST_HANG_MINUTES:-8}"

# More than this is no accident.
most_retried=5

run_tests() {
  local filter='' retries=1
  while (($# > 0)); do
    case "$1" in
      --all) export OML_TEST_ALL=1 ;;
      --no-retry) retries= ;;
      -h | --help)
        printf 'usage: ./orleansml test [--all] [--no-retry] [--engine orleans|standin] [FILTER]\n  --all       long property runs too\n  --no-retry  a test that fails is not run a second time\n  FILTER      a part of a full test name, or an expression such as Category=slow\n'
        return
        ;;
      -*) fail 2 "test does not know '$1'; it takes --all, --engine and a filter." ;;
      *)
        [[ -z "$filter" ]] || fail 2 "test takes one filter; '$filter' and '$1' were given."
        filter="$1"
        ;;
    esac
    shift
  done
  [[ -z "$filter" || "$filter" =~ [=~] ]] || filter="FullyQualifiedName~$filter"

  lock
  ensure_feed
  local engines=() each
  if [[ -n "$engine" ]]; then
    need_engine "$engine"
    engines=("$engine")
  else
    need_engine "$feed_default"
    engines=("$feed_default")
    [[ "$feed_default" == standin || -z "$feed_has_standin" ]] || engines+=(standin)
  fi

  local projects=() file
  for file in "$root"/tests/*.Tests/*.csproj; do
    [[ ! -f "$file" ]] || projects+=("$(basename "$file" .csproj)")
  done
  ((${#projects[@]} > 0)) || fail 1 "There are no test projects under tests/."

  local results="$state/test-results" passed=0 failed=0 skipped=0 unsteady=() selected
  rm -rf "$results"
  mkdir -p "$results"
  for each in "${engines[@]}"; do
    selected=("${projects[@]}")
    # The first engine ran everything; the others run what depends on the engine.
    [[ "$each" == "${engines[0]}" ]] || mapfile -t selected < <(engine_dependent "${engines[0]}" "${projects[@]}")
    ((${#selected[@]} > 0)) || continue
    say "building the tests ($each)"
    write_solution "$state/tests-$each.slnx" "${selected[@]}"
    # What both engines share was analyzed in the first one's build.
    local analyzed=()
    [[ "$each" == "${engines[0]}" ]] || analyzed=(-p:OmlAnalyzed=true)
    dotnet_build "$each" "$state/tests-$each.slnx" "${analyzed[@]}"
    for file in "${selected[@]}"; do
      run_project "$each" "$file" "$filter"
    done
  done
  unlock

  printf '\nengines: %s\n' "$(engines_text)"
  printf 'tested on: %s\n' "${engines[*]}"
  if ((${#unsteady[@]} > 0)); then
    printf 'unsteady, passed only when run a second time:\n'
    printf '  %s\n' "${unsteady[@]}"
  fi
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  ((failed == 0)) || return 1
  ((passed + skipped > 0)) || fail 1 "No test ran${filter:+; the filter was '$filter'}."
}

write_solution() {
  local path="$1" name
  shift
  {
    printf '<Solution>\n'
    for name in "$@"; do
      printf '  <Project Path="%s" />\n' "$root/tests/$name/$name.csproj"
    done
    printf '</Solution>\n'
  } >"$path"
}

# Of these projects, those whose outputs bring an engine along. <OmlBothEngines> in a project file overrides.
engine_dependent() {
  local built="$1" name project deps
  shift
  for name in "$@"; do
    project="$root/tests/$name/$name.csproj"
    deps="$root/artifacts/$built/bin/$name/release/$name.deps.json"
    if grep -q '<OmlBothEngines>false' "$project"; then
      continue
    fi
    if grep -q '<OmlBothEngines>true' "$project" || grep -qsE '"(Microsoft\.Orleans\.|OrleansMl\.StandIns\.Orleans)' "$deps"; then
      printf '%s\n' "$name"
    fi
  done
}

# run_project ENGINE PROJECT FILTER: adds to passed, failed and skipped.
run_project() {
  local name="$2" folder="$results/$1-$2" code=0 start=$SECONDS
  local dll="$root/artifacts/$1/bin/$2/release/$2.dll"
  local options=(--results-directory "$folder" --logger "trx;LogFileName=results.trx" --logger "console;verbosity=minimal" --blame-hang-timeout "${hang_minutes}m" --blame-hang-dump-type none)
  [[ -z "$3" ]] || options+=(--filter "$3")
  mkdir -p "$folder"
  # The lock is closed for them: a test host that outlives us must not hold it.
  (cd "$root" && OML_ENGINE="$1" timeout --kill-after=30s "$((hang_minutes * 3))m" dotnet test "$dll" "${options[@]}") >"$folder/log" 2>&1 9>&- || code=$?

  local counters total p=0 f=0 s=0
  counters="$(grep -ho '<Counters [^>]*>' "$folder/results.trx" 2>/dev/null | tail -n 1 || true)"
  if [[ -n "$counters" ]]; then
    total="$(counter "$counters" total)"
    p="$(counter "$counters" passed)"
    f=$(($(counter "$counters" failed) + $(counter "$counters" error) + $(counter "$counters" timeout) + $(counter "$counters" aborted)))
    s=$((total - p - f))
  fi
  # A host that crashed or hung has lost its remaining results: at least one test failed.
  if ((code != 0 && f == 0)); then
    f=1
    say "the test host of $name ended early with exit code $code"
  fi
  printf '%-9s %-42s %5d passed %4d failed %4d skipped %5d s\n' "$1" "$name" "$p" "$f" "$s" "$((SECONDS - start))"
  if ((f > 0)); then
    grep -vE '^\s*$|^Test run for|^VSTest|^A total of|^Starting test' "$folder/log" | head -n 200 >&2 || true
  fi
  # Servers, brokers and clusters are killed and started in hundreds of tests. One that fails is named with its first failure
  # above, and counts as passed only if it passes alone; what is broken fails twice.
  if ((f > 0 && f <= most_retried)) && [[ -n "$retries" ]] && run_again "$1" "$2" "$folder" "$f"; then
    p=$((p + f)) f=0
  fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# run_again ENGINE PROJECT FOLDER COUNT: whether all that failed passes the second time.
run_again() {
  local names=() expression dll="$root/artifacts/$1/bin/$2/release/$2.dll" folder="$3-again" counters
  mapfile -t names < <(failed_tests "$3/log" | sort -u)
  # As many as are counted: of a host that crashed nobody knows which.
  ((${#names[@]} > 0 && $(failed_tests "$3/log" | wc -l) == $4)) || return 1
  expression="$(printf '|FullyQualifiedName=%s' "${names[@]}")"
  mkdir -p "$folder"
  (cd "$root" && OML_ENGINE="$1" timeout --kill-after=30s "${hang_minutes}m" dotnet test "$dll" --results-directory "$folder" --logger "trx;LogFileName=results.trx" --logger "console;verbosity=minimal" --filter "${expression:1}") >"$folder/log" 2>&1 9>&- || {
    say "they fail the second time too"
    return 1
  }
  counters="$(grep -ho '<Counters [^>]*>' "$folder/results.trx" 2>/dev/null | tail -n 1 || true)"
  ((${#counters} > 0 && $(counter "$counters" passed) >= $4)) || return 1
  unsteady+=("${names[@]/#/$1 }")
}

# The full names, without the arguments of a theory, in the console's lines "  Failed NAME [12 ms]".
failed_tests() {
  sed -nE 's/^  Failed ([A-Za-z0-9_.+]+).*\[.*\]$/\1/p' "$1"
}

counter() {
  local value
  value="$(sed -n "s/.* $2=\"\([0-9]*\)\".*/\1/p" <<<"$1")"
  printf '%d' "${value:-0}"
}
