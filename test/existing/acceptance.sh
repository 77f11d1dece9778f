#!/bin/bash
# A run on a cluster of the user's, from outside: the cluster is made by kind alone (make-cluster.sh); then
#   1. a run leaves cluster, nodes and host as they were;
#   2. a run that is killed does so with the help of `gc --kubeconfig`;
#   3. all of that with the rights that README names, and no others;
#   4. its verdicts are those of `run --stack`, but for what is skipped with a code;
#   5. a link that carries no frames of other MACs than its nodes' is seen, as clouds have them.
# Needs Docker, root, and the images (`plumbline images build`); takes seven minutes. Not part of `npm test`:
#
#   npm run build && test/existing/acceptance.sh [ptp-thick|ptp-thin|flannel-thick|flannel-thin] [RECORD]
#
# RECORD is one of `run --stack` of the same profile; without it such a run is made. PROFILE (quick), FOLDER, NAME, IMAGE (of
# the nodes) and KIND (the program) may be in the environment. CASES: options in place of the profile.
set -euo pipefail
cd "$(dirname "$0")/../.."
stack=${1:-ptp-thick}
reference=${2:-}
name=${NAME:-plforeign}
folder=${FOLDER:-$(mktemp -d)}
kind=${KIND:-$(command -v kind || ls -t "${PLUMBLINE_HOME:-$HOME/.cache/plumbline}"/binaries/*/kind | head -n 1)}
what=${CASES:---profile ${PROFILE:-quick}}
plumbline() { node dist/harness/cli/main.js "$@"; }
# the newest with the Kubernetes that is pinned
kubernetes=$(awk '/^kubernetes:/ { on = 1 } on && $1 == "version:" { print $2; exit }' fixtures/images/modules.yaml)
has='map(select(any(.contents[]; .name == "kubernetes" and .version == $version))) | first.ref'
image=${IMAGE:-$(plumbline images list --json | jq -r --arg version "$kubernetes" "$has")}
# HOST_IGNORE: what others do on this host meanwhile, as an expression for grep
snapshot() { test/existing/snapshot.sh "$@" | grep -vE "${HOST_IGNORE:-^$}"; }
mkdir -p "$folder"

remove() {
  "$kind" delete cluster --name "$name" --kubeconfig "$folder/kubeconfig" || true
  docker network rm "$name" > /dev/null || true
}
trap remove EXIT
failed=0
same() { # TITLE BEFORE AFTER
  if diff "$2" "$3" > "$3.diff"; then echo "SAME $1"; else echo "DIFFERENT $1"; cat "$3.diff"; failed=1; fi
}
# Where DEL fails before it comes to the link, as behind Multus v4.3.0, the kernel takes it away with the namespace of the
# pod, on its own time: up to ten looks, of seconds each.
same_soon() { # TITLE BEFORE AFTER
  for _ in $(seq 10); do
    snapshot cluster "$name" > "$3"
    if diff -q "$2" "$3" > /dev/null; then break; fi
  done
  same "$@"
}

snapshot host > "$folder/host-before-cluster"
test/existing/make-cluster.sh "$name" "$image" "$kind" "$stack" "$folder" > "$folder/make.log" 2>&1
echo "made $name with $stack"
# the user of the runs, in the file `limited`
kubectl=(docker exec -i "$name-control-plane" kubectl --kubeconfig /etc/kubernetes/admin.conf)
# the rights on ConfigMaps are those of --allow-disruptive
awk '/^apiVersion: rbac/ { on = 1 } /^```/ { on = 0 } on && !/configmaps/' README.md | "${kubectl[@]}" apply -f - > /dev/null
"${kubectl[@]}" create serviceaccount guest > /dev/null
"${kubectl[@]}" create clusterrolebinding guest --clusterrole plumbline --serviceaccount default:guest > /dev/null
cat > "$folder/limited" <<END
apiVersion: v1
kind: Config
current-context: guest
contexts: [{ name: guest, context: { cluster: it, user: guest } }]
users: [{ name: guest, user: { token: $("${kubectl[@]}" create token guest --duration 4h) } }]
clusters:
  - name: it
    cluster: { $(grep -oE 'certificate-authority-data: \S+' "$folder/kubeconfig"), $(grep -oE 'server: \S+' "$folder/kubeconfig") }
END
echo "timeouts: { podReadyMs: ${WAIT_MS:-60000}, teardownMs: ${WAIT_MS:-60000} }" > "$folder/plumbline.yaml"
options=(--config "$folder/plumbline.yaml" $what)
existing=(--cluster existing --kubeconfig "$folder/limited" --master eth0 --range 10.199.0.0/16 "${options[@]}")
snapshot host > "$folder/host-0"
snapshot cluster "$name" > "$folder/cluster-0"

plumbline run "${existing[@]}" --out "$folder/records" > "$folder/run.log" 2>&1 || echo "run: exit $?"
record=$(readlink -f "$folder/records/latest")
same_soon "cluster and nodes after a run" "$folder/cluster-0" "$folder/cluster-1"

# The port of each node takes frames of the node's own MAC alone.
ports() { # on|off
  local node port mac
  for node in $("$kind" get nodes --name "$name"); do
    port=$(ip -o link | awk -F'[:@ ]+' -v index_="$(docker exec "$node" cat /sys/class/net/eth0/iflink)" '$1 == index_ { print $2 }')
    mac=$(docker exec "$node" cat /sys/class/net/eth0/address)
    if [ "$1" = on ]; then
      bridge fdb replace "$mac" dev "$port" master static
      bridge link set dev "$port" learning off locked on
    else
      bridge link set dev "$port" learning on locked off
      bridge fdb del "$mac" dev "$port" master static
    fi
  done
}
carries() { jq -r 'select(.type == "testbed") | .features[] | select(.name == "foreign-macs") | "\(.present): \(.evidence)"' "$1/events.ndjson"; }
echo "foreign MACs: $(carries "$record")"
ports on
node dist/harness/cli/main.js run "${existing[@]:0:8}" --config "$folder/plumbline.yaml" --case IPM-007 --out "$folder/locked" > "$folder/locked.log" 2>&1 || true
ports off
locked=$(carries "$folder/locked/latest")
echo "with locked ports: $locked"
case "$(carries "$record") $locked" in
  true:*false:*) grep -q SKIP_FEATURE "$folder/locked.log" || { echo "IPM-007 was not skipped"; failed=1; } ;;
  *) echo "the link's own drops were not seen"; failed=1 ;;
esac
same_soon "cluster and nodes after that" "$folder/cluster-0" "$folder/cluster-locked"

node dist/harness/cli/main.js run "${existing[@]}" --out "$folder/killed" > "$folder/killed.log" 2>&1 &
pid=$!
for _ in $(seq 300); do
  if grep -qE '> [A-Z]+-[0-9]+: started' "$folder/killed.log"; then break; fi
  kill -0 $pid || { echo "the run that is to be killed has ended by itself"; tail -n 5 "$folder/killed.log"; exit 1; }
  sleep 1
done
kill -9 $pid
wait $pid || true
snapshot cluster "$name" > "$folder/cluster-killed"
diff "$folder/cluster-0" "$folder/cluster-killed" > "$folder/left-by-kill.diff" && { echo "nothing was left by the kill: it came too early"; failed=1; }
plumbline gc --kubeconfig "$folder/limited" || { echo "gc: exit $?"; failed=1; }
same_soon "cluster and nodes after kill -9 and gc" "$folder/cluster-0" "$folder/cluster-2"
snapshot host > "$folder/host-1"
same "host" "$folder/host-0" "$folder/host-1"
remove
trap - EXIT
snapshot host > "$folder/host-after-cluster"
same "host without the cluster" "$folder/host-before-cluster" "$folder/host-after-cluster"

if [ -z "$reference" ]; then
  plumbline run --stack "$stack" --name "$name-own" "${options[@]}" --out "$folder/own" > "$folder/own.log" 2>&1 || echo "own run: exit $?"
  reference=$(readlink -f "$folder/own/latest")
fi
verdicts() { jq -r 'select(.type == "verdict") | "\(.caseId) \(.status) \(.skip.code // "")"' "$1/events.ndjson" | sort; }
verdicts "$record" > "$folder/verdicts"
verdicts "$reference" > "$folder/verdicts-reference"
echo "cases: $(wc -l < "$folder/verdicts"), passed or known here: $(grep -cE ' (passed|known)' "$folder/verdicts" || true)"
# what is skipped here has a code; all others are equal
join -a 1 <(cut -d' ' -f1,2 "$folder/verdicts") <(cut -d' ' -f1,2 "$folder/verdicts-reference") > "$folder/verdicts-both"
awk '$2 == "skipped" { next } NF < 3 || $2 != $3 { print "DIFFERENT verdict " $0; bad = 1 } END { exit bad }' "$folder/verdicts-both" || failed=1
awk '$2 == "skipped" { print "skipped " $1 ": " ($3 == "" ? "WITHOUT A CODE" : $3) }' "$folder/verdicts"
[ "$failed" = 0 ] && echo "ACCEPTED: $folder" || { echo "NOT ACCEPTED: $folder"; exit 1; }
