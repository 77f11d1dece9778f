import { expect } from "chai";
import { PlumblineError } from "../core/errors.ts";
import { silentProgress } from "../core/ports.ts";
import { publishedDevicePlugin, type DevicePluginSupply } from "../images/obtain-device-plugin.ts";
import { obtainManifest } from "../images/obtain-manifest.ts";
import { parseManifest } from "./manifest.ts";
import { patchedObjects } from "./manifest-component.ts";
import { devicePluginManifest } from "./upstream-device-plugin.ts";

describe("the manifest of upstream's device plugin, as it is published, with our patches", () => {
  it("runs the pinned image, reads our pools, and has the label that cases find it by", async function () {
    this.timeout(120_000);
    const plugin = publishedDevicePlugin();
    const got = await obtainManifest(plugin, { progress: silentProgress }).catch((error: unknown) => error);
    if (got instanceof PlumblineError && got.code === "PL_MANIFEST_FETCH") {
      process.stderr.write(`${got.code}: ${got.message}\n`);
      this.skip();
      return;
    }
    if (typeof got !== "string") throw got;
    const supply = { image: { ref: plugin.image }, manifest: got } as DevicePluginSupply;
    const source = devicePluginManifest(supply);
    const { objects } = patchedObjects(parseManifest(got, source.file), source, { ipFamily: "ipv4" });
    const { daemonSet, configMap } = plugin;
    const found = objects.filter(({ kind }) => kind === "DaemonSet");
    expect(found.map(({ metadata: { namespace, name } }) => ({ namespace, name }))).to.deep.equal([daemonSet]);
    const [template] = found.map(({ spec }) => (spec as { readonly template: PodTemplate }).template);
    expect(template?.spec.containers.map(({ image }) => image)).to.deep.equal([plugin.image]);
    expect(template?.metadata.labels).to.include({ app: "sriovdp" });
    const mounted = template?.spec.volumes.flatMap((volume) => volume.configMap?.name ?? []);
    expect(mounted).to.deep.equal([configMap.name]);
  });
});

interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly { readonly image: string }[];
    readonly volumes: readonly { readonly configMap?: { readonly name: string } }[];
  };
}
