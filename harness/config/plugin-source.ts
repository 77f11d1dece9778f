import path from "node:path";

/** Where the binary of a plugin under test comes from. */
export type PluginSource =
  | { readonly kind: "file"; readonly path: string }
  | {
      readonly kind: "go";
      readonly module: string;
      readonly version: string;
      /** Import path of its main package. */
      readonly package: string;
    }
  | { readonly kind: "image"; readonly ref: string; readonly path: string };

/** A source, or why a text is none. */
export type ParsedSource = { readonly source: PluginSource } | { readonly problem: string };

const GO_FORM = "go:MODULE@VERSION, or go:MODULE@VERSION#PACKAGE where its program lies in a folder of the module";

/** Reads `./bin/my-cni`, `go:MODULE@VERSION#PACKAGE` or `image:REF#/path`. */
export function parsePluginSource(text: string): ParsedSource {
  if (text.startsWith("go:")) return goSource(text.slice("go:".length));
  if (text.startsWith("image:")) return imageSource(text.slice("image:".length));
  if (/^[a-z]+:/.test(text)) return { problem: `begins with neither go: nor image:, and is no path` };
  return { source: { kind: "file", path: text } };
}

function goSource(text: string): ParsedSource {
  const [what = "", folder, ...more] = text.split("#");
  const [module = "", version, ...rest] = what.split("@");
  if (!/^[\w.-]+\.[\w.-]+(\/[\w.~-]+)+$/.test(module) || more.length > 0 || rest.length > 0) {
    return { problem: `must be ${GO_FORM}` };
  }
  if (version === undefined || !/^v\d+\.\d+\.\d+[\w.+-]*$/.test(version)) {
    return { problem: `must name a version such as v1.2.3: ${GO_FORM}` };
  }
  if (folder !== undefined && !/^[\w.~-]+(\/[\w.~-]+)*$/.test(folder)) {
    return { problem: `must name a folder after #, such as cmd/my-cni: ${GO_FORM}` };
  }
  const main = folder === undefined || folder === "." ? module : `${module}/${folder}`;
  return { source: { kind: "go", module, version, package: main } };
}

function imageSource(text: string): ParsedSource {
  const hash = text.lastIndexOf("#");
  const [ref, file] = hash < 0 ? [text, ""] : [text.slice(0, hash), text.slice(hash + 1)];
  if (ref === "" || !file.startsWith("/") || file.endsWith("/")) {
    return { problem: "must name the image and the absolute path of the binary in it: image:REF#/path" };
  }
  return { source: { kind: "image", ref, path: file } };
}

/** Folders that say that a program is one, and not which. */
const PLAIN_FOLDERS = new Set(["cmd", "main", "plugin", "src"]);

/** The name of a plugin whose author gives it none: that of the file, or of the last folder that tells one. */
export function nameOfSource(source: PluginSource): string {
  if (source.kind !== "go") return path.posix.basename(source.path);
  const folders = source.package.split("/").filter((part) => !PLAIN_FOLDERS.has(part) && !/^v\d+$/.test(part));
  return folders.at(-1) ?? "";
}
