#!/usr/bin/env bash
# Installs what the tests need (once; kept in ~/.cache/gitopsgrains), builds, and runs all tests.
# The last line is "N passed, N failed" or "N passed, N failed, N skipped".
#
#   tests/run.sh                 everything
#   tests/run.sh Storage Git     only these test projects
#   tests/run.sh --chaos         the long tests of failures alone
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tools/lib.sh

closing_line() { # passed failed skipped
  if [ "$3" -gt 0 ]; then printf '%s passed, %s failed, %s skipped\n' "$1" "$2" "$3"
  else printf '%s passed, %s failed\n' "$1" "$2"; fi
}

tests/tools/install.sh || { closing_line 0 1 0; exit 1; }
export GITOPSGRAINS_TEST_BIN="$BIN"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

say "building"
dotnet build GitOpsGrains.sln -c Release -v quiet -nologo || { closing_line 0 1 0; exit 1; }

if [ "${1:-}" = "--chaos" ]; then
  exec artifacts/bin/GitOpsGrains.EndToEnd.Tests/release/GitOpsGrains.EndToEnd.Tests --explicit on --filter-namespace "*.Chaos"
fi

# The fast projects first; each with its own summary, added up at the end.
order=(Documents Architecture Deployment Engine Adapters Simulation Cli Demo Storage Git Rendering Lua Gateway Kubernetes Grains EndToEnd)
[ $# -gt 0 ] && order=("$@")
passed=0 failed=0 skipped=0 broken=0
for name in "${order[@]}"; do
  project="tests/GitOpsGrains.$name.Tests"
  [ -d "$project" ] || { say "no test project $project"; broken=$((broken + 1)); continue; }
  log=$(mktemp)
  dotnet test --project "$project" -c Release --no-build --no-progress --output Normal 2>&1 | tee "$log" | grep -vE '^\s*$'
  code=${PIPESTATUS[0]}
  p=$(sed -n 's/^ *succeeded: *\([0-9]*\).*/\1/p' "$log" | tail -n 1)
  f=$(sed -n 's/^ *failed: *\([0-9]*\).*/\1/p' "$log" | tail -n 1)
  s=$(sed -n 's/^ *skipped: *\([0-9]*\).*/\1/p' "$log" | tail -n 1)
  e=$(sed -n 's/^ *error: *\([0-9]*\).*/\1/p' "$log" | tail -n 1)
  rm -f "$log"
  passed=$((passed + ${p:-0})); skipped=$((skipped + ${s:-0}))
  bad=$((${f:-0} + ${e:-0}))
  # A process that died or ran nothing counts as one failure, whatever its summary says.
  if [ "$bad" -eq 0 ] && { [ "$code" -ne 0 ] || [ "${p:-0}" -eq 0 ]; }; then
    say "$project ended with code $code and ${p:-no} passed tests"
    bad=1
  fi
  failed=$((failed + bad))
done
failed=$((failed + broken))
closing_line "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
