# ./orleansml test. Sourced.
# shellcheck shell=bash disable=SC2154 # root, state, engine, configuration and feed_* are the callers'

# A project that hangs is ended and counts as failed.
hang_minutes="${OML_TEST_HANG_MINUTES:-8}"

# More than this is no accident.
most_retried=5

# Projects that run at once: what starts servers, brokers and clusters waits for much of its time.
at_once="${OML_TEST_AT_ONCE:-2}"

run_tests() {
  local filter='' retries=1 gently=() analyzed=()
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
  [[ "$at_once" =~ ^[1-9][0-9]*$ ]] || fail 2 "OML_TEST_AT_ONCE is '$at_once'; give how many test projects run at once, 1 or more."

  lock
  ensure_feed
  local engines=()
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

  local results="$state/test-results" passed=0 failed=0 skipped=0 failures=() unsteady=() selected=() builder=''
  local -A lanes=()
  rm -rf "$results"
  mkdir -p "$results"
  build_tests "${engines[0]}" "${projects[@]}"
  trap 'stop_lanes; exit 143' TERM
  trap 'stop_lanes; exit 130' INT
  # The first engine runs everything; the other one what depends on the engine. It is built in the time that tests leave.
  if ((${#engines[@]} > 1)); then
    mapfile -t selected < <(engine_dependent "${engines[0]}" "${projects[@]}")
  fi
  if ((${#selected[@]} > 0)); then
    # What both engines share was analyzed in the first one's build.
    (gently=(nice -n 10) analyzed=(-p:OmlAnalyzed=true) && build_tests "${engines[1]}" "${selected[@]}") &
    builder=$!
  fi
  fill_lanes "${engines[0]}" "$filter" "${projects[@]}"
  if [[ -n "$builder" ]]; then
    wait "$builder" || {
      end_lanes 0
      exit 1
    }
    builder=
    fill_lanes "${engines[1]}" "$filter" "${selected[@]}"
  fi
  end_lanes 0
  trap - TERM INT
  run_failures_again
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

# build_tests ENGINE PROJECT...
build_tests() {
  say "building the tests ($1)"
  write_solution "$state/tests-$1.slnx" "${@:2}"
  dotnet_build "$1" "$state/tests-$1.slnx" "${analyzed[@]}"
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

# fill_lanes ENGINE FILTER PROJECT...: starts each project as soon as there is room for it.
fill_lanes() {
  local each="$1" filter="$2" name
  shift 2
  while read -r name; do
    end_lanes $((at_once - 1))
    run_project "$each" "$name" "$filter" &
    lanes[$!]="$each $name"
  done < <(long_first "$@")
}

# What runs clusters and servers of its own is long: if it were the last to start, it would run on alone.
long_first() {
  local name long=() short=()
  for name in "$@"; do
    if grep -q '<OmlBothEngines>true' "$root/tests/$name/$name.csproj"; then
      long+=("$name")
    else
      short+=("$name")
    fi
  done
  printf '%s\n' "${long[@]}" "${short[@]}"
}

# end_lanes COUNT: waits until no more than so many projects run; reports each that ends.
end_lanes() {
  local lane each name
  while ((${#lanes[@]} > $1)); do
    sleep 0.2
    for lane in "${!lanes[@]}"; do
      ! kill -0 "$lane" 2>/dev/null || continue
      read -r each name <<<"${lanes[$lane]}"
      unset "lanes[$lane]"
      report "$each" "$name"
    done
  done
}

# Whoever ends us ends what we started.
stop_lanes() {
  ((${#lanes[@]} == 0)) || kill "${!lanes[@]}" 2>/dev/null || true
  [[ -z "$builder" ]] || kill "$builder" 2>/dev/null || true
  wait
}

# run_project ENGINE PROJECT FILTER: leaves its results, its log and a line with exit code and seconds.
run_project() {
  local folder="$results/$1-$2" code=0 start=$SECONDS
  local options=(--blame-hang-timeout "${hang_minutes}m" --blame-hang-dump-type none)
  [[ -z "$3" ]] || options+=(--filter "$3")
  mkdir -p "$folder"
  dotnet_test "$1" "$2" "$folder" $((hang_minutes * 3)) "${options[@]}" || code=$?
  printf '%d %d\n' "$code" "$((SECONDS - start))" >"$folder/ended"
}

# dotnet_test ENGINE PROJECT FOLDER MINUTES [OPTION...]: in a process group of its own, which ends with us.
dotnet_test() {
  local dll="$root/artifacts/$1/bin/$2/release/$2.dll" tester code=0
  # The lock is closed for them: a test host that outlives us must not hold it.
  (cd "$root" && OML_ENGINE="$1" exec timeout --kill-after=30s "$4m" dotnet test "$dll" --results-directory "$3" --logger "trx;LogFileName=results.trx" --logger "console;verbosity=minimal" "${@:5}") >"$3/log" 2>&1 9>&- &
  tester=$!
  trap 'kill "$tester" 2>/dev/null; wait "$tester"; exit 143' TERM INT
  wait "$tester" || code=$?
  trap - TERM INT
  return "$code"
}

# report ENGINE PROJECT: prints what a project that has ended came to, and adds it to passed, failed and skipped.
report() {
  local folder="$results/$1-$2" code=1 seconds=0 counters total p=0 f=0 s=0
  ! [[ -f "$folder/ended" ]] || read -r code seconds <"$folder/ended"
  counters="$(counters_of "$folder")"
  if [[ -n "$counters" ]]; then
    total="$(counter "$counters" total)"
    p="$(counter "$counters" passed)"
    f=$(($(counter "$counters" failed) + $(counter "$counters" error) + $(counter "$counters" timeout) + $(counter "$counters" aborted)))
    s=$((total - p - f))
  fi
  # A host that crashed or hung has lost its remaining results: at least one test failed.
  if ((code != 0 && f == 0)); then
    f=1
    say "the test host of $2 ended early with exit code $code"
  fi
  printf '%-9s %-42s %5d passed %4d failed %4d skipped %5d s\n' "$1" "$2" "$p" "$f" "$s" "$seconds"
  if ((f > 0)); then
    grep -vE '^\s*$|^Test run for|^VSTest|^A total of|^Starting test' "$folder/log" | head -n 200 >&2 || true
    failures+=("$1 $2 $f")
  fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# Servers, brokers and clusters are killed and started in hundreds of tests. One that fails is named with its first failure
# above, and counts as passed only if it passes alone, with nothing else running; what is broken fails twice.
run_failures_again() {
  local item each name count
  [[ -n "$retries" ]] || return 0
  for item in "${failures[@]}"; do
    read -r each name count <<<"$item"
    ((count <= most_retried)) || continue
    if run_again "$each" "$name" "$count"; then
      passed=$((passed + count)) failed=$((failed - count))
    fi
  done
}

# run_again ENGINE PROJECT COUNT: whether all that failed passes the second time.
run_again() {
  local first="$results/$1-$2" folder="$results/$1-$2-again" names=() expression counters
  mapfile -t names < <(failed_tests "$first/log" | sort -u)
  # As many as are counted: of a host that crashed nobody knows which.
  ((${#names[@]} > 0 && $(failed_tests "$first/log" | wc -l) == $3)) || return 1
  expression="$(printf '|FullyQualifiedName=%s' "${names[@]}")"
  mkdir -p "$folder"
  say "again, alone ($1): ${names[*]}"
  dotnet_test "$1" "$2" "$folder" "$hang_minutes" --filter "${expression:1}" || {
    say "they fail the second time too"
    return 1
  }
  counters="$(counters_of "$folder")"
  ((${#counters} > 0 && $(counter "$counters" passed) >= $3)) || return 1
  unsteady+=("${names[@]/#/$1 }")
}

# The full names, without the arguments of a theory, in the console's lines "  Failed NAME [12 ms]".
failed_tests() {
  sed -nE 's/^  Failed ([A-Za-z0-9_.+]+).*\[.*\]$/\1/p' "$1"
}

# The counts of the results in a folder; nothing where there are none.
counters_of() { grep -ho '<Counters [^>]*>' "$1/results.trx" 2>/dev/null | tail -n 1 || true; }

counter() {
  local value
  value="$(sed -n "s/.* $2=\"\([0-9]*\)\".*/\1/p" <<<"$1")"
  printf '%d' "${value:-0}"
}
