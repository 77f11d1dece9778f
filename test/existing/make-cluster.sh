#!/bin/bash
# A cluster that Plumbline has no part in: plain `kind create cluster`, then Multus on a plain ptp network or on Flannel, put
# there with kubectl. The image of the nodes is Plumbline's, since hosts without a registry have no other; nothing of
# Plumbline is left in it: no programs, no test image.
#
# make-cluster.sh NAME NODE_IMAGE KIND STACK FOLDER
#   STACK   ptp-thick, ptp-thin, flannel-thick or flannel-thin
#   FOLDER  gets kubeconfig
set -euo pipefail
name=$1 image=$2 kind=$3 stack=$4 folder=$5

manifest() { docker run --rm --network none --entrypoint cat "$image" "/opt/plumbline/manifests/$1"; }
case $stack in
  ptp-thick | flannel-thick) manifest multus-daemonset-thick.yml > "$folder/multus.yaml" ;;
  ptp-thin | flannel-thin) manifest multus-daemonset.yml > "$folder/multus.yaml" ;;
  *) echo "there is no stack $stack here" >&2; exit 1 ;;
esac
manifest kube-flannel.yml > "$folder/flannel.yaml"

docker network create "$name" > /dev/null
export KIND_EXPERIMENTAL_PROVIDER=docker KIND_EXPERIMENTAL_DOCKER_NETWORK=$name
"$kind" create cluster --name "$name" --image "$image" --kubeconfig "$folder/kubeconfig" --wait 0s --retain --config - <<CONFIG
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking: { disableDefaultCNI: true }
featureGates: { KubeletInUserNamespace: true }
nodes: [{ role: control-plane }, { role: worker }]
CONFIG

nodes=("$name-control-plane" "$name-worker")
for node in "${nodes[@]}"; do
  docker exec "$node" sh -c 'rm -rf /opt/plumbline; crictl rmi $(crictl images -o json | jq -r ".images[].repoTags[]?" | grep plumbline/)' > /dev/null
done

kubectl() { docker exec -i "$name-control-plane" kubectl --kubeconfig /etc/kubernetes/admin.conf "$@"; }

# The image by its version, which the nodes hold, and more memory than 50Mi, with which the daemon dies of a burst of pods.
sed -e 's#multus-cni:snapshot#multus-cni:v4.3.0#' -e '/limits:/,/memory:/ { s#"50Mi"#"400Mi"#; s#"100m"#"1"# }' \
  -e 's#^\( *\)image: \(.*multus-cni.*\)#\1image: \2\n\1imagePullPolicy: IfNotPresent#' "$folder/multus.yaml" > "$folder/multus-here.yaml"

case $stack in
  ptp-*)
    # the name is that of the stack, since the signatures of known deviations have it in paths
    for node in "${nodes[@]}"; do
      cidr=$(kubectl get node "$node" -o 'jsonpath={.spec.podCIDR}')
      for other in "${nodes[@]}"; do
        [ "$other" = "$node" ] && continue
        via=$(kubectl get node "$other" -o 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}')
        docker exec "$node" ip route replace "$(kubectl get node "$other" -o 'jsonpath={.spec.podCIDR}')" via "$via"
      done
      docker exec "$node" iptables -w -t nat -A POSTROUTING -s "$cidr" ! -d 10.244.0.0/16 -j MASQUERADE
      docker exec -i "$node" sh -c 'cat > /etc/cni/net.d/10-ptp.conflist' <<CONF
{ "name": "plumbline-ptp", "cniVersion": "0.3.1", "plugins": [
  { "type": "ptp", "ipMasq": false, "ipam": { "type": "host-local", "ranges": [[{ "subnet": "$cidr" }]], "routes": [{ "dst": "0.0.0.0/0" }] } },
  { "type": "portmap", "capabilities": { "portMappings": true } } ] }
CONF
    done
    ;;
  flannel-*) kubectl apply -f - < "$folder/flannel.yaml" ;;
esac
kubectl apply -f - < "$folder/multus-here.yaml"
kubectl wait --for=condition=Ready node --all --timeout=180s
kubectl -n kube-system rollout status daemonset/kube-multus-ds --timeout=180s
kubectl -n kube-system rollout status deployment/coredns --timeout=180s || true
for node in "${nodes[@]}"; do docker exec "$node" timeout 120 sh -c 'until ls /etc/cni/net.d/00-multus.conf > /dev/null 2>&1; do sleep 1; done'; done

# Each node has had a pod: Multus and host-local make their folders with the first one.
for node in "${nodes[@]}"; do
  kubectl run "first-$node" --image=registry.k8s.io/pause:3.10 --image-pull-policy=IfNotPresent --restart=Never \
    --overrides="{\"spec\": {\"nodeName\": \"$node\", \"tolerations\": [{\"operator\": \"Exists\"}]}}"
  kubectl wait --for=condition=Ready "pod/first-$node" --timeout=120s
  kubectl delete pod "first-$node" --grace-period=1
done
