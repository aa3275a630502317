#!/bin/bash
# Four network namespaces, joined by a bridge at 1 Gbit/s, as four hosts: the same bits as one process, what a step
# spends communicating, and a host whose link goes down.
# shellcheck disable=SC2015,SC2086,SC2317
# Usage: namespaces.sh [nn-dist]; leaves with 0 if all is well, 1 if not, 77 where it cannot run.
set -u
program=$(realpath "${1:-bin/nn-dist}") || exit 1
configs=$(realpath "$(dirname "$0")/../configs")
unavailable() { echo "skipped: $1"; exit 77; }
[ "$(id -u)" = 0 ] || unavailable 'only root makes network namespaces'
for tool in ip tc unshare mpirun; do
  command -v $tool >/dev/null || unavailable "there is no $tool"
done

name=nnd$$ net=10.77.$((RANDOM % 250)) folder=$(mktemp -d) failed=0
tidy() {
  for host in 1 2 3 4; do
    ip netns pids $name-$host 2>/dev/null | xargs -r kill -KILL 2>/dev/null
    ip netns del $name-$host 2>/dev/null
  done
  ip link del $name 2>/dev/null
  rm -rf "$folder"
}
trap tidy EXIT
trap 'exit 130' INT TERM HUP

ip link add $name type bridge 2>/dev/null || unavailable 'this kernel or container has no bridges'
ip address add $net.254/24 dev $name && ip link set $name up || exit 1
for host in 1 2 3 4; do
  ip netns add $name-$host && ip link add $name.$host type veth peer name eth0 netns $name-$host &&
    ip link set $name.$host master $name up &&
    ip -n $name-$host address add $net.$host/24 dev eth0 && ip -n $name-$host link set lo up &&
    ip -n $name-$host link set eth0 up || unavailable 'network namespaces are not permitted'
  # Both directions of each host's link.
  for side in "-n $name-$host qdisc add dev eth0" "qdisc add dev $name.$host"; do
    tc $side root tbf rate 1gbit burst 128kb latency 20ms || unavailable 'there is no tbf'
  done
  echo "$net.$host slots=1" >>"$folder/hosts"
done

# What mpirun calls instead of ssh: the first word is the host, the others are for a shell there.
cat >"$folder/enter" <<END
#!/bin/sh
host=\${1##*.}
shift
exec ip netns exec $name-\$host unshare --uts sh -c "hostname host\$host; \$*"
END
chmod +x "$folder/enter"

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
cluster() { # seconds program words: on the four hosts
  local seconds=$1
  shift
  mpirun -q --timeout "$seconds" --hostfile "$folder/hosts" --mca plm_rsh_agent "$folder/enter" \
    --mca btl tcp,self --mca btl_tcp_if_include $net.0/24 --mca oob_tcp_if_include $net.0/24 \
    --mca mpi_yield_when_idle 1 --bind-to none -np 4 "$@"
}
verdict() { # what, then a command that holds if all is well
  local what=$1
  shift
  if "$@"; then echo "ok      $what"; else
    echo "FAILED  $what"
    cat "$folder/log"
    failed=1
  fi
}
sums() { (cd "$1/checkpoints" && sha256sum ./*.h5); }
alike() { [ "$(sums "$1")" = "$(sums "$2")" ]; }

cd "$folder" || exit 1
words=(--set data.train_samples=640 --set data.test_samples=256 --workers 1
  --set 'train={steps: 24, checkpoint: {every: 8 steps, keep: 9}}')
"$program" train "$configs/conv.yaml" --run alone "${words[@]}" >log 2>&1
verdict 'one process trains' [ $? = 0 ]
cluster 60 "$program" train "$configs/conv.yaml" --run four "${words[@]}" >log 2>&1
verdict 'four hosts train' [ $? = 0 ]
verdict 'four hosts leave the bits of one process' alike alone four

cluster 60 "$program" bench "$configs/conv.yaml" --workers 1 --steps 100 >log 2>&1
verdict 'steps of four hosts are timed' grep -q 'communication' log
sed -n 's/^/        /; /median/p; /communication/p' log
cluster 60 "$program" bench-comm --config "$configs/conv.yaml" --workers 1 --ranks 1,2,4 >log 2>&1
verdict 'steps of four hosts are predicted' grep -q 'fastest' log
sed -n 's/^/        /; /fitted/,$p' log

cluster 90 "$program" train "$configs/conv.yaml" --run cut --timeout 4 "${words[@]}" \
  --set 'train={steps: 100000, checkpoint: {every: 8 steps, keep: 2}}' >log 2>&1 &
until ls cut/checkpoints/*.h5 >/dev/null 2>&1 || ! kill -0 $!; do sleep 0.1; done
ip -n $name-3 link set eth0 down
wait $!
status=$?
verdict 'a host without a link is named' grep -q 'rank 2 on host host3 did not answer' log
verdict 'the others leave with 70' [ $status = 70 ]
"$program" train "$configs/conv.yaml" --run cut --resume "${words[@]}" --set 'train={steps: 8}' >log 2>&1
verdict 'what was saved can be gone on from' grep -q 'already finished' log
exit $failed
