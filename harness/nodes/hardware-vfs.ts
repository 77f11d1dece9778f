import { z } from "zod";

const TIMEOUT_MS = 20_000;

/** A way onto a node that answers with what a program prints. */
interface Asked {
  exec(argv: readonly string[], options: { readonly timeoutMs: number }): Promise<{ readonly stdout: string }>;
}

/** The interface of a VF while it lies on its node. */
export interface VfLink {
  readonly name: string;
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
}

/** A virtual function of a NIC, as the kernel of its node tells of it. */
export interface HardwareVf {
  /** e.g. `0000:af:10.0` */
  readonly pci: string;
  /** Address of the function that it is of. */
  readonly pf: string;
  /** Empty if it is bound to none. */
  readonly driver: string;
  /** Undefined while it is in a pod, and for one that is bound to a driver of user space. */
  readonly link: VfLink | undefined;
}

/**
 * One line a VF: `PCI PF DRIVER NAME MAC MTU FLAGS`, with `-` for what it has not. The kernel shows interfaces of the node's
 * own namespace alone.
 * @source Linux Documentation/ABI/testing/sysfs-bus-pci (physfn), sysfs-class-net
 */
const LOOK = `
for physfn in "$1"/bus/pci/devices/*/physfn; do
  [ -e "$physfn" ] || continue
  vf=\${physfn%/physfn}
  driver=-
  if [ -e "$vf/driver" ]; then driver=$(basename "$(readlink "$vf/driver")"); fi
  link='- - - -'
  for net in "$vf"/net/*; do
    name=\${net##*/}
    if [ -e "$1/class/net/$name/address" ]; then
      cd "$1/class/net/$name"
      link="$name $(cat address) $(cat mtu) $(cat flags)"
    fi
  done
  echo "\${vf##*/} $(basename "$(readlink "$physfn")") $driver $link"
done`;

const IFF_UP = 1;

/** The VFs of a node, by address. */
export async function hardwareVfs(node: Asked, sysfs = "/sys"): Promise<readonly HardwareVf[]> {
  const { stdout } = await node.exec(["sh", "-c", LOOK, "sh", sysfs], { timeoutMs: TIMEOUT_MS });
  return parseHardwareVfs(stdout);
}

/** Lines of another shape are none of the look's own. */
function parseHardwareVfs(text: string): readonly HardwareVf[] {
  return text.split("\n").flatMap((line): readonly HardwareVf[] => {
    const [pci = "", pf = "", driver = "", name = "", mac = "", mtu = "", flags = "", ...rest] = line.split(" ");
    if (flags === "" || rest.length > 0 || !PCI_ADDRESS.test(pci)) return [];
    const link = name === "-" ? undefined : { name, mac, mtu: Number(mtu), up: (Number(flags) & IFF_UP) !== 0 };
    return [{ pci, pf, driver: driver === "-" ? "" : driver, link }];
  });
}

const PCI_ADDRESS = /^[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;

const registrations = z.object({
  Data: z.object({ RegisteredDevices: z.record(z.string(), z.array(z.string()).nullable()).nullish() }),
});

/** What the kubelet holds on devices, on disk. */
export const KUBELET_CHECKPOINT = "/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint";

/** Devices that a kubelet may give, by its own account: resource -> ids. Undefined if it keeps none where it is looked for. */
export async function registeredDevices(node: Asked): Promise<Readonly<Record<string, readonly string[]>> | undefined> {
  const script = 'if [ -e "$1" ]; then cat "$1"; fi';
  const { stdout } = await node.exec(["sh", "-c", script, "sh", KUBELET_CHECKPOINT], { timeoutMs: TIMEOUT_MS });
  if (stdout === "") return undefined;
  const { RegisteredDevices } = registrations.parse(JSON.parse(stdout)).Data;
  return Object.fromEntries(Object.entries(RegisteredDevices ?? {}).map(([name, ids]) => [name, ids ?? []]));
}

/**
 * When the kubelet last wrote that account, in its node's time: it does so when a device plugin tells of its devices, and
 * not when one goes.
 */
export async function devicesWrittenAtMs(node: Asked): Promise<number> {
  const { stdout } = await node.exec(["stat", "--format=%.3Y", KUBELET_CHECKPOINT], { timeoutMs: TIMEOUT_MS });
  return Number(stdout) * 1_000;
}
