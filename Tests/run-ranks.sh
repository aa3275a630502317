#!/bin/sh
# Runs the tests of communication and training at every rank count, and the cases that end their process.
# Usage: run-ranks.sh [test bundle]; leaves with 1 if any case failed.
bundle=${1:-.build/release/nn-distPackageTests.xctest}
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=0

tests() { # ranks case: runs it with its output in the log
  mpirun -np "$1" --oversubscribe --timeout 60 -q "$bundle" "$2" >"$log" 2>&1
}

verdict() { # what, then a command that holds if all is well
  what=$1
  shift
  if "$@"; then
    echo "ok      $what"
  else
    echo "FAILED  $what"
    cat "$log"
    failed=1
  fi
}

ends() { # ranks case code text: leaves with that code and says that once
  tests "$1" "CommunicationTests.EndingCases/$2"
  code=$?
  [ "$code" -eq "$3" ] && [ "$(grep -Ec "$4" "$log")" -eq 1 ]
}

signals() { # code text first second: a process leaves so after one signal or two
  : >"$log" # or what the last one said would be taken for an answer
  # A shell has its background processes ignore INT.
  env --default-signal=INT "$bundle" CommunicationTests.SignalCases >"$log" 2>&1 &
  until grep -q ready "$log" || ! kill -0 $! 2>/dev/null; do sleep 0.1; done
  kill "-$3" $!
  until grep -q stopped "$log" || ! kill -0 $! 2>/dev/null; do sleep 0.1; done
  [ -z "$4" ] || kill "-$4" $!
  wait $!
  [ $? -eq "$1" ] && grep -q "$2" "$log"
}

for ranks in 1 2 3 4 5 7 8; do
  for case in CommunicationTests.ReductionCases CommunicationTests.CollectiveCases \
    TrainingTests.RankCases; do
    verdict "$case on $ranks ranks" tests $ranks $case
  done
done

export NN_DIST_ENDING_TESTS=1
for ranks in 2 3; do
  # A processor without AVX2 has one set of instructions, so that ranks cannot differ.
  grep -qw avx2 /proc/cpuinfo || break
  verdict "NumericsCases on $ranks ranks" tests $ranks TrainingTests.NumericsCases
done
for ranks in 2 3 4 5; do
  last=$((ranks - 1))
  verdict "last of $ranks ranks asleep: 70" ends $ranks testSleepingLastRank 70 \
    "no progress in all-gather at step 812 for [0-9]+ s: rank $last on host .* did not answer"
  verdict "first of $ranks ranks asleep: 70" ends $ranks testSleepingFirstRank 70 \
    "no progress in all-gather at step 812 for [0-9]+ s: rank 0 on host .* did not answer"
  verdict "different operations on $ranks ranks: 70" ends $ranks testDifferentOperations 70 \
    "all ranks answer.*rank 0 in barrier at step 0, rank 1 in broadcast at step 0"
  verdict "agreed failure of $ranks ranks: 66" ends $ranks testAgreedFailure 66 \
    "^rank $last on host .*: cannot read x.yaml"
  verdict "handshake of $ranks ranks: 76" ends $ranks testHandshakeFailure 76 \
    "^the ranks disagree on the configuration: rank"
  verdict "failure of one of $ranks ranks: 74" ends $ranks testFailureOfOneRank 74 \
    "^rank $last on host .*: disk full"
done
# The launcher says of the last, which left without a word to the others, that it exited improperly.
verdict "a rank that ends early: 1" ends 3 testEarlyEnd 1 "^ending early"

verdict "USR1 asks to stop: 75" signals 75 "stopped by USR1" USR1
verdict "a second TERM ends at once: 143" signals 143 "stopped by TERM" TERM TERM
verdict "INT, then TERM: 143" signals 143 "stopped by INT" INT TERM
exit $failed
