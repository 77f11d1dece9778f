import {
  bringUp,
  customNetwork,
  POOL_A,
  resourceOf,
  scriptedNetwork,
  scriptedPlugin,
  type NetworkDeclaration,
  type PluginCall,
  type TestPod,
} from "../../harness/testkit/index.ts";
import { devicesOf } from "./vf-of-pod.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * A network of a pool, of the scripted plugin, which writes down what it is given and moves no VF: any level of the
 * simulation serves.
 */
export function recorded(key: string, pool: string): NetworkDeclaration {
  return scriptedNetwork(key, (live) => ({ addresses: [`${live.address(10)}/24`] }), { annotations: resourceOf(pool) });
}

/** The same with two plugins, the first of which has the capabilities that Multus serves with a device. */
export function recordedList(key: string, pool: string): NetworkDeclaration {
  const capabilities = { deviceID: true, CNIDeviceInfoFile: true };
  return customNetwork(
    key,
    (live) => ({
      cniVersion: "1.0.0",
      plugins: [scriptedPlugin({ addresses: [`${live.address(10)}/24`] }, { capabilities }), scriptedPlugin({})],
    }),
    { annotations: resourceOf(pool) },
  );
}

/** The configuration that a plugin was given. */
export function given(call: PluginCall | undefined): Json {
  return (call?.stdin ?? {}) as Json;
}

/** Devices of a pod by the kubelet's own account. */
export async function kubeletsWord(testPod: TestPod, pool: string = POOL_A): Promise<readonly string[]> {
  return devicesOf(testPod, pool);
}

/** Brings a pod up. @returns the first device of a pool that the kubelet gave it */
export async function deviceOnceReady(testPod: TestPod, pool?: string): Promise<string> {
  await bringUp(testPod);
  testPod.seen();
  const [device = "none"] = await kubeletsWord(testPod, pool);
  return device;
}

/** `deviceID` of the ADD of each interface. */
export async function devicesByInterface(testPod: TestPod): Promise<Readonly<Record<string, unknown>>> {
  const calls = await testPod.calls("ADD");
  return Object.fromEntries(calls.map((call) => [call.ifname, given(call)["deviceID"]]));
}
