import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { MULTUS_MANIFESTS } from "../images/obtain-multus.ts";
import type { KubeObject } from "../kube/client.ts";
import { run } from "../process/run.ts";
import { parseManifest } from "./manifest.ts";
import { multusManifest } from "./multus.ts";
import { patchedObjects } from "./manifest-component.ts";

const MODULE = "gopkg.in/k8snetworkplumbingwg/multus-cni.v4";
const VERSIONS = ["v4.1.4", "v4.2.2", "v4.2.3", "v4.3.0"];
const REF = "ghcr.io/k8snetworkplumbingwg/multus-cni:dev";

interface Container {
  readonly image: string;
  readonly args?: readonly string[];
  readonly resources: { readonly limits: Record<string, string> };
}

function containersOf(objects: readonly KubeObject[]): readonly Container[] {
  const daemon = objects.find(({ kind }) => kind === "DaemonSet");
  const spec = (daemon?.spec as { template: { spec: Record<string, Container[]> } } | undefined)?.template.spec;
  return [...(spec?.["containers"] ?? []), ...(spec?.["initContainers"] ?? [])];
}

/** Folder of a version of upstream's module, which is where its manifests are taken from. */
async function moduleFolder(version: string): Promise<string> {
  const { stdout } = await run("go", ["mod", "download", "-json", `${MODULE}@${version}`], { timeoutMs: 100_000 });
  return (JSON.parse(stdout) as { readonly Dir: string }).Dir;
}

describe("Multus' manifests with our patches", () => {
  for (const version of VERSIONS) {
    for (const mode of ["thick", "thin"] as const) {
      it(`${version} ${mode}: image, limits, log, CNI version and settings are as asked for`, async () => {
        const file = MULTUS_MANIFESTS[mode];
        const text = readFileSync(path.join(await moduleFolder(version), "deployments", file), "utf8");
        const subject = { name: "multus", version, origin: "built here", source: "", digest: "", changes: [] } as const;
        const image = { name: "multus", ref: REF, localRef: REF, id: "sha256:1", subject, contents: [] };
        const source = multusManifest({
          version: "v4.3.0",
          mode,
          patches: [`multus-${mode}-image`, "multus-limits", `multus-${mode}-log`],
          supply: { image, manifest: text },
          cniVersion: "1.0.0",
          settings: { namespaceIsolation: true, globalNamespaces: "default,shared" },
        });
        const { objects, changes } = patchedObjects(parseManifest(text, file), source, { ipFamily: "ipv4" });
        const [main, ...inits] = containersOf(objects);
        expect([main, ...inits].map((container) => container?.image)).to.deep.equal([REF, REF]);
        expect(main?.resources.limits["memory"]).to.equal("400Mi");
        expect(changes[0]).to.match(/^image dev in place of snapshot/);
        const config = objects.find(({ metadata }) => metadata.name === "multus-daemon-config")?.["data"];
        const said = mode === "thin" ? main?.args?.join(" ") : JSON.stringify(config).replaceAll(/[\s\\"]|\\n/g, "");
        expect(said).to.match(
          mode === "thin" ? /--multus-log-level=debug .*--cni-version=1\.0\.0/ : /cniVersion:1\.0\.0/,
        );
        expect(said).to.match(
          mode === "thin"
            ? /--namespace-isolation=true --global-namespaces=default,shared$/
            : /namespaceIsolation:true,n?globalNamespaces:default,sharedn?\}/,
        );
        expect(changes.slice(-2)).to.deep.equal([
          "namespaceIsolation true in Multus' configuration (the stack, or multusConfig, has it so)",
          `globalNamespaces "default,shared" in Multus' configuration (the stack, or multusConfig, has it so)`,
        ]);
      });
    }
  }
});
