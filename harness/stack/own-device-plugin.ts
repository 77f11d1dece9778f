import { harnessError } from "../core/errors.ts";
import type { KubeObject } from "../kube/client.ts";
import { readSimulatedFunction } from "../nodes/simvf.ts";
import type { StackContext } from "./component.ts";
import { readSimvfFixture, type DevicePlugin } from "./device-plugin.ts";
import { parseManifest } from "./manifest.ts";
import { preloadedImageNamed } from "./node-contents.ts";
import { devicePluginConfig, type VfSetup } from "./vf-pools.ts";

/** The image that has the device plugin. */
const IMAGE = "test";

/** The project's own device plugin, which lies in the test image. It is told of as a part of the simulation. */
export function ownDevicePlugin(): DevicePlugin {
  return {
    isOurs: true,
    images: [IMAGE],
    daemonSet: { namespace: "kube-system", name: "plumbline-simvf" },
    async install(context, setup) {
      await context.kube.apply(await manifest(context, setup), { signal: context.signal });
    },
    subjects: () => Promise.resolve([]),
    async remove(context) {
      for (const { apiVersion, kind, metadata } of readManifest()) {
        const { name, namespace } = metadata;
        await context.kube.delete({ apiVersion, kind, namespace, name }, { signal: context.signal });
      }
    },
  };
}

function readManifest(values: Readonly<Record<string, string>> = {}): readonly KubeObject[] {
  const file = "device-plugin.yaml";
  // JSON is YAML, so a value stands for itself whatever is in it
  const text = readSimvfFixture(file).replaceAll(/: \$\{(\w+)\}$/gm, (_, key: string) => {
    return `: ${JSON.stringify(values[key] ?? "")}`;
  });
  return parseManifest(text, file);
}

async function manifest(context: StackContext, setup: VfSetup): Promise<readonly KubeObject[]> {
  const [image, nodes] = await Promise.all([
    preloadedImageNamed(context, IMAGE),
    Promise.all(context.nodes.map((node) => readSimulatedFunction(node, { signal: context.signal }))),
  ]);
  if (!image) throw harnessError("PL_NO_TEST_IMAGE", "the node image has no test image in it");
  return readManifest({ image: image.ref, config: JSON.stringify(devicePluginConfig(setup, nodes), null, 2) });
}
