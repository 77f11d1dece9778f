import type { LiveNetwork } from "./declare-network.ts";

type Config = Readonly<Record<string, unknown>>;

/** The CNI reference plugins that run on Linux. */
export const referencePlugins: readonly string[] = (
  "bandwidth bridge dhcp dummy firewall host-device host-local ipvlan loopback macvlan " +
  "portmap ptp sbr static tap tuning vlan vrf"
).split(" ");

/** Interface plugins for which a kernel must have a driver that many lack. */
export type KernelPlugin = "ipvlan" | "vlan" | "dummy";

/** Minimal configurations on a network's own range, bridge and so on, by the plugin's name. */
export interface PluginConfigs {
  /** An interface for chained plugins to change. */
  readonly under: Config;
  /** Plugins that give the container an interface and ask host-local for its address. */
  readonly interfaces: Readonly<Record<string, Config>>;
  /** Others of that kind, which not every kernel can serve: a case that asks one needs it of the kernel. */
  readonly byKernel: Readonly<Record<KernelPlugin, Config>>;
  /** Plugins that change what another one made. */
  readonly chained: Readonly<Record<string, Config>>;
  /** Plugins that give addresses, each in the configuration of an interface plugin. */
  readonly ipam: Readonly<Record<string, Config>>;
}

/** @param version `cniVersion` of all of them */
export function referenceConfigs(live: LiveNetwork, version: string): PluginConfigs {
  const { name, range, gateway, bridge, master } = live;
  const of = (type: string, keys: Config): Config => ({ cniVersion: version, name, type, ...keys });
  const ipam = {
    "host-local": { type: "host-local", ranges: [[{ subnet: range, gateway }]], routes: [{ dst: "198.51.100.0/24" }] },
    static: {
      type: "static",
      addresses: [{ address: `${live.staticAddress}/24`, gateway }],
      routes: [{ dst: "198.51.100.0/24" }],
    },
  };
  const leased = { ipam: ipam["host-local"] };
  const under = of("bridge", { bridge, ...leased });
  return {
    under,
    interfaces: {
      bridge: under,
      macvlan: of("macvlan", { master, mode: "bridge", ...leased }),
      ptp: of("ptp", leased),
      tap: of("tap", leased),
      // whoever asks it lays a device for it before
      "host-device": of("host-device", leased),
    },
    byKernel: {
      ipvlan: of("ipvlan", { master, mode: "l2", ...leased }),
      vlan: of("vlan", { master, vlanId: live.vlanId, ...leased }),
      dummy: of("dummy", leased),
    },
    chained: {
      bandwidth: of("bandwidth", { ingressRate: 8_000_000, ingressBurst: 8_000_000 }),
      firewall: of("firewall", {}),
      portmap: of("portmap", {
        runtimeConfig: { portMappings: [{ hostPort: live.hostPort, containerPort: 80, protocol: "tcp" }] },
      }),
      sbr: of("sbr", {}),
      tuning: of("tuning", { mtu: 1400 }),
    },
    ipam: {
      "host-local": of("bridge", { bridge, ipam: ipam["host-local"] }),
      static: of("bridge", { bridge, ipam: ipam.static }),
    },
  };
}
