# Steps that are counted. Sourced, never run.

passed=0 failed=0

step() { # NAME COMMAND…
  local began=$SECONDS
  if "${@:2}"; then passed=$((passed + 1)); printf 'ok      %s (%s s)\n' "$1" $((SECONDS - began))
  else failed=$((failed + 1)); printf 'FAILED  %s (%s s)\n' "$1" $((SECONDS - began)); fi
}

needed() { # as step; without it nothing else makes sense
  step "$@"
  [ "$failed" -eq 0 ] && return
  stop
  trap - EXIT
  closing_line
  exit 1
}

eventually() { # SECONDS COMMAND…: asked again each second until it succeeds
  local end=$((SECONDS + $1))
  until "${@:2}" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 1
  done
}

closing_line() {
  printf '%s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
