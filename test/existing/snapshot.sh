#!/bin/bash
# What a run must leave as it was, as sorted lines. snapshot.sh host | cluster NAME
set -euo pipefail

host() {
  ip netns list | sed 's/^/netns /'
  ip -br link | awk '{ print $1 }' | grep -vE '^(veth|br-)' | sed 's/^/link /' || true
  findmnt -rno TARGET | grep -vE '/(docker|containerd)/' | sed 's/^/mount /'
  docker network ls --format 'network {{.Name}}'
  docker ps --all --format 'container {{.Names}}'
}

# Objects by kind, name and uid; what holds a configuration by its content, too.
objects() {
  local kubectl=(docker exec "$1-control-plane" kubectl --kubeconfig /etc/kubernetes/admin.conf)
  local kinds
  kinds=$("${kubectl[@]}" api-resources --verbs=list -o name | grep -vE '^(events|leases|componentstatuses|pods\.metrics)' | paste -sd,)
  "${kubectl[@]}" get "$kinds" -A -o 'jsonpath={range .items[*]}object {.kind} {.metadata.namespace}/{.metadata.name} {.metadata.uid}{"\n"}{end}' 2> /dev/null
  "${kubectl[@]}" get configmaps -A -o json | jq -r '.items[] | "configuration \(.metadata.namespace)/\(.metadata.name) \(.data)"'
  "${kubectl[@]}" get nodes -o json | jq -r '.items[] | "node \(.metadata.name) \(.metadata.labels) \(.spec.taints // [])"'
}

# Links by name: the kernel numbers on. Counters, and what the kernel learned, are no state.
ON_NODE='
find /opt/cni/bin /etc/cni -type f -exec sha256sum {} + | sed "s/^/file /"
find /opt /etc/cni /var/lib/cni /run/netns /run/cni /run/multus 2> /dev/null | sed "s/^/path /"
ls -d /var/log/plumbline* /run/plumbline* 2> /dev/null | sed "s/^/path /"
ip -br link | awk "{ print \"link \" \$1 }" | sed "s/@.*//"
ip -br address | awk "{ \$2 = \"\"; print \"address \" \$0 }" | sed "s/@[^ ]*//"
ip route show table all | grep -vE "^(broadcast|multicast|ff00)" | sed "s/^/route /"
ip rule | sed "s/^/rule /"
for t in nat filter mangle raw; do iptables-save -t $t | sed -e "/^#/d" -e "s/\[[0-9:]*\]//" -e "s/^/iptables $t /"; done
nft list tables | sed "s/^/nft /"
tc qdisc | grep -v noqueue | sed "s/^/tc /"
crictl images -o json | jq -r ".images[].repoTags[]? | \"image \" + ."
crictl pods -o json | jq -r ".items[] | select(.state == \"SANDBOX_READY\") | \"sandbox \" + .metadata.namespace + \"/\" + .metadata.name"
grep -vE "/(pods|containerd)/| /run/netns" /proc/mounts | awk "{ print \"mount \" \$2 }"
systemctl list-units --all --plain --no-legend "plumbline*" | sed "s/^/unit /"
true'

cluster() {
  objects "$1"
  for node in "$1-control-plane" "$1-worker"; do docker exec "$node" sh -c "$ON_NODE" | sed "s/^/$node /"; done
}

"$@" | LC_ALL=C sort
