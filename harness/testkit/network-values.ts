import type { Placeholder } from "../config/network-templates.ts";
import type { LiveNetwork } from "./declare-network.ts";

/** What placeholders of templates stand for. Requests take their addresses from the upper half of the range. */
export function networkValues(live: LiveNetwork): Readonly<Record<Placeholder, string | number>> {
  const prefix = live.range.slice(live.range.indexOf("/"));
  return {
    range: live.range,
    gateway: live.gateway,
    address: `${live.staticAddress}${prefix}`,
    rangeStart: live.address(10),
    rangeEnd: live.address(200),
    range6: live.range6,
    gateway6: live.gateway6,
    master: live.master,
    bridge: live.bridge,
    // no network has both, and the case that makes the device has its name there
    device: live.bridge,
    vlanId: live.vlanId,
  };
}
