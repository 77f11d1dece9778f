/** What an event of a pod says, as far as blame goes. */
export interface SetupEvent {
  readonly reason: string;
  readonly message: string;
}

/**
 * A plugin that could not reach the API server, or was not given the time: a host that is too slow, or a broken control
 * plane. In the words of Go's HTTP client and of containerd.
 */
const HOSTS_DOING = [
  /\b(Get|Post|Put|Patch) "?https:\/\/[^ ]+:\s.*(context deadline exceeded|connection refused|i\/o timeout|TLS handshake timeout|EOF|no route to host)/s,
  /unexpected error when reading response body\. Please retry\. Original error: /,
  /client rate limiter Wait returned an error/,
  /etcdserver: request timed out/,
  /no space left on device/,
];

/** The kubelet's reason for a sandbox that did not come about. */
export const FAILED_SETUP = "FailedCreatePodSandBox";

/**
 * Whether an event tells that the network refused the pod. `FailedCreatePodSandBox` is told of every sandbox that did
 * not come about: only those whose network setup failed are the plugins' doing, and not those in which a plugin could
 * not reach the API server.
 * @source containerd internal/cri/server/sandbox_run.go: "failed to setup network for sandbox"
 */
export function isNetworksRefusal({ reason, message }: SetupEvent): boolean {
  if (reason === "NoNetworkFound") return true;
  return reason === FAILED_SETUP && !isHostsDoing({ reason, message });
}

/** Whether an event tells of a sandbox that did not come about, and the network had no part in that. */
export function isHostsDoing({ reason, message }: SetupEvent): boolean {
  if (reason !== FAILED_SETUP) return false;
  return (
    !message.includes("failed to setup network for sandbox") || HOSTS_DOING.some((pattern) => pattern.test(message))
  );
}
