import { hostError, messageOf, PlumblineError } from "../core/errors.ts";
import { requirePrivileged } from "../host/privileged.ts";

interface Known {
  readonly words: RegExp;
  readonly code: string;
  readonly what: (found: RegExpExecArray) => string;
  readonly hint: string;
}

/** What Docker says, through kind, of a host that is at fault; it has no other way to tell. */
const KNOWN: readonly Known[] = [
  {
    words: /(?:(?:\d+\.\d+\.\d+\.\d+|\]|::):(\d+)[^\n]{0,60}?)?(?:port is already allocated|address already in use)/,
    code: "PL_PORT_TAKEN",
    what: ([, port]) =>
      `port ${port ?? "of the API server"} of this host, which kind chose as a free one, was taken by another program meanwhile`,
    hint: "run again: kind chooses another one each time; `ss -ltnp` shows who listens",
  },
  {
    words: /no space left on device/,
    code: "PL_DISK_FULL",
    what: () => "the disk that Docker's data lie on is full",
    hint: "`docker system df` tells what it holds, `df -h` what is left; `plumbline gc` removes what killed runs left",
  },
  {
    words: /exec format error/,
    code: "PL_IMAGE_ARCH",
    what: () => "the node image is for another architecture than this host's",
    hint: "`plumbline images list` shows it; --source build makes one for this host",
  },
];

/**
 * The error of a cluster that kind could not make: what is wrong with the host where its words tell, or where Docker
 * starts no privileged container; else the error as it is.
 */
export async function explainKindFailure(error: unknown, signal: AbortSignal | undefined): Promise<unknown> {
  if (!(error instanceof PlumblineError) || error.code !== "PL_CLUSTER_CREATE") return error;
  const text = messageOf(error);
  for (const { words, code, what, hint } of KNOWN) {
    const found = words.exec(text);
    if (found) return hostError(code, `${what(found)}: ${text}`, { hint, cause: error, context: error.context });
  }
  return requirePrivileged(signal).then(
    () => error,
    (refused: unknown) =>
      refused instanceof PlumblineError && refused.code === "PL_NOT_PRIVILEGED"
        ? hostError(refused.code, refused.message, { hint: refused.hint, cause: error })
        : error,
  );
}
