import { renderNetwork, type NetworkTemplate } from "../config/network-templates.ts";
import type { SubjectPlugin } from "../config/plugin-under-test.ts";
import type { LiveNetwork } from "./declare-network.ts";
import { networkValues } from "./network-values.ts";
import { referenceConfigs, referencePlugins, type PluginConfigs } from "./reference-plugins.ts";
import { ipamVariant } from "./subject-network.ts";

/** What they are written in where nobody says. */
const VERSION = "1.0.0";

/** The plugins that cases about plugins ask: those of the reference set, or the one under test alone. */
export interface AskedPlugins {
  readonly names: readonly string[];
  /** `cniVersion` of what they are asked with. */
  readonly version: string;
  readonly areUnderTest: boolean;
  /** Whether a plugin supports a version of CNI; those of the reference set support all. */
  supports(version: string): boolean;
}

export function askedPlugins(subject: SubjectPlugin | undefined): AskedPlugins {
  return {
    names: subject ? [subject.name] : referencePlugins,
    version: subject?.template.cniVersion ?? VERSION,
    areUnderTest: subject !== undefined,
    supports: (version) => subject?.supportedVersions.includes(version) ?? true,
  };
}

/** Configurations of the plugins that are asked, by their role. @param version `cniVersion` of all of them */
export function pluginConfigs(live: LiveNetwork, version = askedPlugins(live.subject).version): PluginConfigs {
  const { subject } = live;
  const reference = referenceConfigs(live, version);
  if (!subject) return reference;
  const { name, role } = subject;
  const plugins = configsIn(subject, live).map((plugin) => ({ cniVersion: version, name: live.name, ...plugin }));
  const [first = reference.under] = plugins;
  const own = plugins.find(({ type }) => type === name) ?? {};
  return {
    under: role === "interface" ? reference.under : first,
    interfaces: role === "interface" ? { [name]: own } : {},
    // cases that ask these are about reference plugins alone
    byKernel: reference.byKernel,
    chained: role === "chained" ? { [name]: own } : {},
    ipam: role === "ipam" ? { [name]: first } : {},
  };
}

type Plugin = Readonly<Record<string, unknown>> & { readonly type: string };

/** Those of its network. Cases know what host-local is asked for, so it stands where the user leaves the IPAM open. */
function configsIn(subject: SubjectPlugin, live: LiveNetwork): readonly Plugin[] {
  const ours = referenceConfigs(live, VERSION).ipam["host-local"]?.["ipam"] as NetworkTemplate["ipam"][string];
  const template = subject.role === "ipam" ? subject.template : { ...subject.template, ipam: { "host-local": ours } };
  const ipam = ipamVariant({ ...subject, template }, "host-local");
  return renderNetwork(template, { ipam, values: networkValues(live) })["plugins"] as readonly Plugin[];
}
