import { askDocker, unlessAbsent } from "./ask-docker.ts";
import { answerLines, docker } from "./docker.ts";

/**
 * The containers with a label, whether they run or not, as `docker inspect` tells of them.
 * @param label `name` or `name=value`
 * @throws PlumblineError PL_DOCKER
 */
export function containersWith(label: string): Promise<readonly unknown[]> {
  return askDocker<readonly unknown[]>({
    byApi: async (engine, abortSignal) => {
      const listed = await engine.listContainers({ all: true, filters: { label: [label] }, abortSignal });
      const looked = listed.map(({ Id }) => unlessAbsent(engine.getContainer(Id).inspect({ abortSignal })));
      return (await Promise.all(looked)).filter((one) => one !== undefined);
    },
    byClient: async () =>
      inspectByClient("container", ["ps", "--all", "--quiet", "--no-trunc", "--filter", `label=${label}`]),
  });
}

/**
 * All networks of Docker, or those that match a filter such as `label=x`, as `docker inspect` tells of them.
 * @throws PlumblineError PL_DOCKER
 */
export function networksWith(filter?: string): Promise<readonly unknown[]> {
  const [kind = "", ...value] = filter?.split("=") ?? [];
  return askDocker<readonly unknown[]>({
    byApi: (engine, abortSignal) =>
      engine.listNetworks({ abortSignal, ...(filter === undefined ? {} : { filters: { [kind]: [value.join("=")] } }) }),
    byClient: async () => {
      const filters = filter === undefined ? [] : ["--filter", filter];
      return inspectByClient("network", ["network", "ls", "--quiet", "--no-trunc", ...filters]);
    },
  });
}

/** What has gone between the list and the look is left out. */
async function inspectByClient(type: "container" | "network", list: readonly string[]): Promise<readonly unknown[]> {
  const ids = answerLines(await docker(list));
  if (ids.length === 0) return [];
  const { stdout } = await docker([type, "inspect", ...ids], { okExitCodes: [0, 1] });
  return JSON.parse(stdout.trim() === "" ? "[]" : stdout) as readonly unknown[];
}
