import { POOL_A, type TestPod } from "../../harness/testkit/index.ts";

interface DeviceInfo {
  readonly version?: string;
  readonly pci?: Readonly<Record<string, unknown>>;
}

const WRITTEN = "/var/run/k8s.cni.cncf.io/devinfo/dp";

/**
 * What the device plugin tells of a device of a pod beside its address: that of the simulation the version of the format
 * alone, that of a cluster what it has written on the node.
 * @source sriov-network-device-plugin pkg/netdevice and k8snetworkplumbingwg/network-attachment-definition-client pkg/utils
 */
export async function written(testPod: TestPod, device: string): Promise<DeviceInfo> {
  if (!testPod.vfSite) return { version: "1.1.0" };
  const file = `${WRITTEN}/${testPod.resource(POOL_A).replaceAll("/", "-")}-${device}-device.json`;
  const { exitCode, stdout } = await testPod.onNode.exec(["cat", file]);
  return exitCode === 0 ? (JSON.parse(stdout) as DeviceInfo) : {};
}
