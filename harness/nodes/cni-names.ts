import { createHash } from "node:crypto";

/** One attachment of a container, as the plugins know it. */
export interface CniAttachment {
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
}

/**
 * Names that the reference plugins compute for an attachment and leave on the node while it lives.
 * @source containernetworking/plugins v1.9.1 pkg/utils/utils.go MustFormatHashWithPrefix, and its callers below
 */
export interface CniNames {
  /** iptables chain of ipMasq. @source pkg/ip/ipmasq_iptables_linux.go */
  readonly masqueradeChain: string;
  /** iptables chain of portmap. @source plugins/meta/portmap/portmap_iptables.go genDnatChain */
  readonly portmapChain: string;
  /** Device for egress shaping. @source plugins/meta/bandwidth/main.go getIfbDeviceName */
  readonly shapingDevice: string;
  /** Beginning of the comment on ipMasq's nftables rules. @source pkg/ip/ipmasq_nftables_linux.go hashForInstance */
  readonly masqueradeComment: string;
  /** nftables chains and rules of the bridge plugin's spoof check. @source pkg/link/spoofcheck.go */
  readonly spoofCheck: string;
}

export function cniNames({ network, containerId, ifname }: CniAttachment): CniNames {
  return {
    masqueradeChain: hashed("CNI-", network + containerId, 28),
    portmapChain: hashed("CNI-DN-", network + containerId, 28),
    shapingDevice: hashed("bwp", network + containerId, 15),
    masqueradeComment: `${hashed("", network, 16)}-${hashed("", `${ifname}:${containerId}`, 16)}`,
    spoofCheck: `${containerId}-${ifname}`,
  };
}

function hashed(prefix: string, content: string, length: number): string {
  return (prefix + createHash("sha512").update(content).digest("hex")).slice(0, length);
}
