import { hostError, messageOf } from "../core/errors.ts";
import { dockerSocket } from "./docker-socket.ts";
import { docker } from "./docker.ts";
import { openEngine } from "./engine-exec.ts";

/** A container's interface to a Docker network. */
export interface Endpoint {
  readonly network: string;
  readonly container: string;
  readonly address: string;
  /** What the interface is to have. Daemons before 25 make one of the address, whatever is asked. */
  readonly mac: string;
}

/**
 * Gives a running container an interface to one more network. Address and MAC stay when the container starts again; the
 * name of the interface need not. The client has no option for the MAC: without a socket of Docker on this host the daemon
 * chooses one.
 * @throws PlumblineError PL_DOCKER (host)
 */
export async function connectNetwork({ network, container, address, mac }: Endpoint): Promise<void> {
  const socketPath = await dockerSocket();
  if (socketPath === undefined) {
    await docker(["network", "connect", "--ip", address, network, container]);
    return;
  }
  const engine = await openEngine(socketPath);
  const EndpointConfig = { IPAMConfig: { IPv4Address: address }, MacAddress: mac };
  try {
    await engine.getNetwork(network).connect({ Container: container, EndpointConfig });
  } catch (cause) {
    throw hostError("PL_DOCKER", `${container} could not be put on the network ${network}: ${messageOf(cause)}`, {
      hint: "`plumbline doctor` tells whether Docker works on this host",
      cause,
    });
  }
}
