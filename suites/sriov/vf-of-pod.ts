import {
  FRESH_ROW,
  VF_MTU,
  virtualFunctionsOf as vfsOf,
  type TestPod,
  type VirtualFunctions,
} from "../../harness/testkit/index.ts";

type Json = Readonly<Record<string, unknown>>;

export { vfsOf };

/** The devices of a pod by the kubelet's own account. @param pool only those of it */
export async function devicesOf(testPod: TestPod, pool?: string): Promise<readonly string[]> {
  return vfsOf(testPod).devicesOf(testPod, pool);
}

/** The VF of a pod as it was made, by the kubelet's own account of what it gave. */
export async function ownVf(testPod: TestPod) {
  const [device = "none"] = await devicesOf(testPod);
  return vfsOf(testPod).at(device);
}

export function macOf(testPod: TestPod, ifname: string): string | undefined {
  return testPod.seen().links.find(({ name }) => name === ifname)?.mac;
}

/** A VF after its pod: where it is, and of a simulated one alone how often it was lost since the pod was created, and what its table has. */
export async function afterPod(testPod: TestPod) {
  const vf = await ownVf(testPod);
  const vfs = vfsOf(testPod);
  await testPod.delete();
  const home = await vfs.whenHome(vf.pci);
  if (vfs.site) return { vf, home, lost: undefined, row: undefined };
  const lost = await vfs.timesLostSince(testPod.createdAtMs ?? 0, vf.pci);
  const found = { vf, home, lost, row: await vfs.rowOf(vf.pci) };
  await vfs.tidy(vf.pci);
  return found;
}

/** What is not as it was made, of VFs after their pods: nothing, where all was put back. */
export async function departures(vfs: VirtualFunctions, devices: readonly string[]): Promise<readonly string[]> {
  const found = devices.map(async (pci) => {
    const { interface: name, mac } = await vfs.at(pci);
    const home = await vfs.whenHome(pci);
    const row = await vfs.rowOf(pci);
    const now: Json = { ...row, rowMac: row.mac, ...(home ?? { name: "not on the node" }) };
    const was: Json = { ...FRESH_ROW, rowMac: FRESH_ROW.mac, name, mac, mtu: VF_MTU, up: false };
    await vfs.tidy(pci);
    return Object.entries(was).flatMap(([key, value]) =>
      now[key] === value ? [] : [`${pci}: ${key} is ${String(now[key])}, not ${String(value)}`],
    );
  });
  return (await Promise.all(found)).flat();
}

/** Notes which VFs a pod holds, to tell once it is deleted what became of them. */
export async function heldBy(testPod: TestPod) {
  testPod.seen();
  const [vfs, devices] = [vfsOf(testPod), await devicesOf(testPod)];
  const before = await vfs.timesLost(...devices);
  return {
    /** What is not as it was made, and how often one went with a namespace meanwhile: told only once it is there again. */
    afterwards: async () => {
      const changed = await departures(vfs, devices);
      return { changed, lost: (await vfs.timesLost(...devices)) - before };
    },
  };
}
