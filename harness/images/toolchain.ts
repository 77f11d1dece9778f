import { hostError } from "../core/errors.ts";
import { run } from "../process/run.ts";

/** What Go programs are built with; part of the key of everything that is built. */
export interface Toolchain {
  /** e.g. `go1.26.8` */
  readonly go: string;
  /** e.g. `amd64` */
  readonly arch: string;
  /** That it is another one than this host's: Go fetches it by itself. */
  readonly isFetched?: true;
}

/** @throws PlumblineError PL_NO_GO if there is no usable Go on this host */
export async function readToolchain(signal?: AbortSignal): Promise<Toolchain> {
  const { stdout } = await run("go", ["env", "GOVERSION", "GOARCH"], {
    // in a module's folder its go.mod would choose the version
    cwd: "/",
    timeoutMs: 30_000,
    signal,
    code: "PL_NO_GO",
    hint: "Go 1.24 or later is needed; `plumbline doctor` shows how to get it",
  });
  const [go = "", arch = ""] = stdout.trim().split("\n");
  if (go === "" || arch === "") throw hostError("PL_NO_GO", `\`go env\` tells no version: ${stdout.trim()}`);
  return { go, arch };
}

/**
 * Another version of Go than this host's, for what a newer one would build into something that behaves otherwise.
 * @param go undefined for this host's
 */
export function toolchainOf(host: Toolchain, go: string | undefined): Toolchain {
  return go === undefined || go === host.go ? host : { ...host, go, isFetched: true };
}
