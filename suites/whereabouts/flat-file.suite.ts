import { expect } from "chai";
import {
  inShort,
  network,
  PooledContainer,
  suite,
  testCase,
  type CaseNode,
  anyNode,
} from "../../harness/testkit/index.ts";

const filed = network("wbf-filed", { type: "bridge", ipam: "whereabouts", byCase: true });

const KUBECONFIG = "/etc/cni/net.d/whereabouts.d/whereabouts.kubeconfig";
const FOLDER = "/etc/cni/net.d/whereabouts.d";

/** Calls whereabouts where a folder of the node seems to have one file alone, or none. */
const ELSEWHERE = `
exec unshare --mount sh -euc '
  mount -t tmpfs none "$1"
  if [ -n "$2" ]; then printf "%s" "$2" >"$1/whereabouts.conf"; fi
  exec env CNI_COMMAND=ADD CNI_CONTAINERID="$3" CNI_NETNS=/run/netns/none CNI_IFNAME=net1 CNI_PATH=/opt/cni/bin \\
    CNI_ARGS="IgnoreUnknown=1;K8S_POD_NAMESPACE=plumbline;K8S_POD_NAME=$3" /opt/cni/bin/whereabouts
' sh "$@"`;

/** What whereabouts says to an ADD. @param file the flat file's text; empty: there is none */
async function addWith(
  node: CaseNode,
  { id, file, config }: { readonly id: string; readonly file: string; readonly config: unknown },
): Promise<string> {
  const { stdout } = await node.exec(["sh", "-euc", ELSEWHERE, "sh", FOLDER, file, id], {
    stdin: JSON.stringify(config),
  });
  return stdout;
}

suite("the flat file of whereabouts", () => {
  testCase(
    {
      id: "IPM-034",
      revision: 1,
      title: "what a configuration leaves out comes from the file on the node, and without it ADD says what is missing",
      layer: "L0",
      level: "extended",
      clauses: ["WHEREABOUTS-flat-file"],
      faults: [
        "whereabouts-takes-nothing-from-its-file",
        "whereabouts-lets-its-file-decide",
        "whereabouts-does-without-its-file",
      ],
      pods: {},
      networks: { filed },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.filed;
      const node = anyNode(nodes);
      const path = `/run/plumbline-${live.name}.conf`;
      const file = { kubernetes: { kubeconfig: KUBECONFIG }, gateway: live.address(9) };
      node.atEnd(async () => void (await node.exec(["rm", "-f", path])));
      await node.writeFile(path, JSON.stringify(file));
      const gatewayOf = async (id: string, ipam: Readonly<Record<string, unknown>>): Promise<unknown> => {
        const container = await PooledContainer.open(nodes, id);
        const answer = await container.add(live, { range: live.range, configuration_path: path, ...ipam });
        await container.del(live, { range: live.range });
        const [ip] = (answer.json?.["ips"] ?? []) as readonly { readonly gateway?: string }[];
        return ip ? ip.gateway : inShort(answer);
      };
      await claim("taken-from-the-file", async () => {
        const gateway = await gatewayOf("ipm-034-file", {});
        expect(gateway, "gateway of an ADD whose file names one").to.equal(live.address(9));
      });
      await claim("the-network-decides", async () => {
        const gateway = await gatewayOf("ipm-034-both", { gateway: live.address(8) });
        expect(gateway, "gateway where the configuration names another than the file").to.equal(live.address(8));
      });
      const config = {
        cniVersion: "1.0.0",
        name: live.name,
        type: "bridge",
        ipam: { type: "whereabouts", range: live.range },
      };
      const without = await addWith(node, { id: "ipm-034-without", file: "", config });
      const empty = await addWith(node, { id: "ipm-034-empty", file: "{}", config });
      await claim("says-what-is-missing", () => {
        expect(without, "answer to ADD without the file").to.contain("config file not found");
        expect(empty, "answer to ADD where the file names no kubeconfig").to.contain(
          "you have not configured the storage engine",
        );
      });
    },
  );
});
