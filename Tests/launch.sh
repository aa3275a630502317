#!/bin/bash
# The batch script of launch/ with stand-ins for mpirun and scontrol: signals are handed on, 75 queues the job again.
set -u
script=$(realpath "$(dirname "$0")/../launch/slurm.sbatch") folder=$(mktemp -d) failed=0
trap 'rm -rf "$folder"' EXIT
cat >"$folder/mpirun" <<'END'
#!/bin/bash
trap 'sleep 0.2; exit 75' USR1
echo "$@" >ready
[ "$STATUS" = wait ] || exit "$STATUS"
while :; do sleep 0.05; done
END
# shellcheck disable=SC2016
printf '#!/bin/sh\necho "$@" >>requeued\n' >"$folder/scontrol"
chmod +x "$folder/mpirun" "$folder/scontrol"
cd "$folder" || exit 1
export PATH=$folder:$PATH SLURM_JOB_ID=42 SLURM_CPUS_PER_TASK=3

# what, status of mpirun (wait: until USR1 comes), expected status, whether it is queued again
job() {
  rm -f ready requeued
  STATUS=$2 bash "$script" conv.yaml --run r &
  if [ "$2" = wait ]; then
    until [ -e ready ]; do sleep 0.02; done
    kill -USR1 $!
  fi
  wait $!
  local status=$? queued=no
  [ "$(cat requeued 2>/dev/null)" = 'requeue 42' ] && queued=yes
  if [ "$status" = "$3" ] && [ "$queued" = "$4" ] &&
    grep -q -- 'nn-dist train conv.yaml --resume --workers 3 --run r$' ready; then
    echo "ok      $1"
  else
    echo "FAILED  $1: status $status, queued again: $queued"
    failed=1
  fi
}
job 'USR1 stops the run and queues it again' wait 75 yes
job 'a run that is done is not queued again' 0 0 no
job 'what a user has to mend is not queued again' 78 78 no
exit $failed
