import type { PluginUnderTest } from "../config/plugin-under-test.ts";
import { usageError } from "../core/errors.ts";
import { sha256 } from "../core/json.ts";
import { inPhase, type Progress } from "../core/ports.ts";
import type { Subject } from "../core/subject.ts";
import { readExecutable } from "./executable-file.ts";
import { readPluginSource } from "./plugin-sources.ts";

/** The binary of a plugin under test, as it goes to the nodes. */
export interface PluginBinary {
  readonly name: string;
  readonly content: Uint8Array;
  /** In hex. */
  readonly sha256: string;
  /** What must lie on the nodes to start it. */
  readonly interpreter: string | undefined;
  /** What it is built for, as Go names it; undefined where it fits any. */
  readonly arch: string | undefined;
  readonly subject: Subject;
}

/** Go's names for the machines that Node runs on. Nodes of kind are containers of this host. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ppc64: "ppc64le" };

/**
 * Gets the binary: reads the file, builds the module, or takes it out of the image; and sees whether nodes of this host can
 * run it. Of others only a look at them tells: `stagePlugin`.
 * @throws PlumblineError (usage) PL_PLUGIN_FILE, PL_PLUGIN_ARCH, PL_PLUGIN_BUILD, PL_PLUGIN_IMAGE; (host) PL_NO_GO
 */
export async function obtainPlugin(
  plugin: Pick<PluginUnderTest, "name" | "source" | "sourceText">,
  ports: { readonly progress: Progress; readonly signal: AbortSignal; readonly areNodesHere: boolean },
): Promise<PluginBinary> {
  const { name, source, sourceText } = plugin;
  const { content, ...rest } = await inPhase(ports.progress, `Plugin ${name}`, async (phase) =>
    readPluginSource(plugin, { signal: ports.signal, onLine: (line) => phase.update(line.slice(0, 100)) }),
  );
  const executable = readExecutable(content);
  if (!executable) {
    throw usageError("PL_PLUGIN_FILE", `${sourceText} is no program: neither ELF nor a script with an interpreter`, {
      hint:
        source.kind === "go"
          ? `is ${source.package} a main package? name the one that is after #`
          : "build it for Linux, e.g. CGO_ENABLED=0 GOOS=linux go build",
    });
  }
  const arch = ARCHITECTURES[process.arch] ?? process.arch;
  if (ports.areNodesHere && executable.arch !== undefined && executable.arch !== arch) {
    throw usageError("PL_PLUGIN_ARCH", `${sourceText} is built for ${executable.arch}, and the nodes are ${arch}`, {
      hint: `build it for them, e.g. CGO_ENABLED=0 GOOS=linux GOARCH=${arch} go build`,
    });
  }
  const digest = sha256(content);
  return {
    name,
    content,
    sha256: digest,
    interpreter: executable.interpreter,
    arch: executable.arch,
    subject: { name, role: "under test", digest: `sha256:${digest}`, ...rest },
  };
}
