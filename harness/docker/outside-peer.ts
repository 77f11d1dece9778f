import { GenericContainer } from "testcontainers";
import { harnessError, messageOf } from "../core/errors.ts";

/** What a peer is made of. */
export interface OutsidePeerSpec {
  /** An image that Docker has and that holds `sleep`, `ip` and `socat`; that of the nodes does. */
  readonly image: string;
  /** Name of the Docker network that it is to be on. */
  readonly network: string;
  /** By which it is found and removed with the cluster, should this process be killed. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface OutsidePeer {
  /** Name of the container. */
  readonly container: string;
  stop(): Promise<void>;
}

const START_MS = 60_000;

/**
 * Somebody on the link of the nodes who is no node: a container that does nothing by itself. The process must run with
 * `TESTCONTAINERS_RYUK_DISABLED=true`: the reaper of testcontainers is an image from a registry, and what a killed run
 * leaves is removed with its cluster.
 * @throws PlumblineError PL_OUTSIDE_PEER (harness)
 */
export async function startOutsidePeer({ image, network, labels }: OutsidePeerSpec): Promise<OutsidePeer> {
  try {
    const started = await new GenericContainer(image)
      .withNetworkMode(network)
      .withLabels({ ...labels })
      .withAddedCapabilities("NET_ADMIN", "NET_RAW")
      .withEntrypoint(["sleep"])
      .withCommand(["infinity"])
      .withStartupTimeout(START_MS)
      .start();
    return {
      container: started.getName().replace(/^\//, ""),
      stop: async () => {
        // it does nothing that would want to end in good order
        await started.stop({ timeout: 0 });
      },
    };
  } catch (cause) {
    throw harnessError("PL_OUTSIDE_PEER", `no container could be put on the network ${network}: ${messageOf(cause)}`, {
      hint: `does \`docker run --network ${network} --entrypoint sleep ${image} 1\` work?`,
      cause,
    });
  }
}
