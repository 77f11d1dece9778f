/** Where another Multus than the stack's own comes from. */
export type MultusSource =
  | { readonly kind: "module"; readonly module: string; readonly version: string }
  | { readonly kind: "checkout"; readonly path: string }
  | { readonly kind: "image"; readonly ref: string };

/** Upstream's Go module of Multus 4. */
export const MULTUS_MODULE = "gopkg.in/k8snetworkplumbingwg/multus-cni.v4";

const FORM = "a version such as v4.2.3, a checkout such as ./multus-cni, go:MODULE@VERSION, or image:REF";
/** Releases, candidates and the pseudo-versions of commits. */
const VERSION = /^v\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/;

/** Reads `v4.2.3`, `./multus-cni`, `go:MODULE@VERSION` or `image:REF`; or tells why a text is none. */
export function parseMultusSource(text: string): { readonly source: MultusSource } | { readonly problem: string } {
  if (VERSION.test(text)) return { source: { kind: "module", module: MULTUS_MODULE, version: text } };
  if (/^\.{0,2}\//.test(text) || text === "." || text === "..") return { source: { kind: "checkout", path: text } };
  const [, module = "", version = ""] = /^go:([\w.-]+\.[\w.-]+(?:\/[\w.~-]+)+)@(\S+)$/.exec(text) ?? [];
  if (module !== "" && VERSION.test(version)) return { source: { kind: "module", module, version } };
  const [, ref = ""] = /^image:([^\s#]+)$/.exec(text) ?? [];
  if (ref !== "") return { source: { kind: "image", ref } };
  return { problem: `must be ${FORM}, not ${JSON.stringify(text)}` };
}
