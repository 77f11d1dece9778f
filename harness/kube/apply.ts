import { Deadline } from "../core/deadline.ts";
import { PlumblineError } from "../core/errors.ts";
import { until } from "../core/until.ts";
import type { ApiPaths } from "./api-paths.ts";
import type { Connection } from "./connection.ts";
import { KubeApiError } from "./kube-api-error.ts";
import { refOf, refText, type KubeObject } from "./kube-object.ts";
import { withQuery } from "./observe.ts";
import { repeated } from "./repeated.ts";

const FIELD_MANAGER = "plumbline";

/** How long a kind or a service account that is just being made may take to appear. */
const FRESH_MS = 15_000;

type Outcome = { readonly object: KubeObject } | { readonly refusal: unknown };

/** Server-side apply of single objects, waiting within a bound for what is still being made. */
export class Applier {
  readonly #connection: Connection;
  readonly #paths: ApiPaths;
  readonly #accountsSeen = new Set<string>();

  constructor(connection: Connection, paths: ApiPaths) {
    this.#connection = connection;
    this.#paths = paths;
  }

  /** @throws KubeApiError as the server refused; PlumblineError PL_KUBE_KIND if the kind did not appear */
  async apply(object: KubeObject, signal: AbortSignal | undefined): Promise<KubeObject> {
    await this.#serviceAccountFor(object, signal);
    let refusal: unknown;
    const attempt = async (): Promise<Outcome | undefined> => {
      try {
        return { object: await repeated(() => this.#send(object, signal)) };
      } catch (error) {
        refusal = error;
        return isFreshKind(error) ? undefined : { refusal: error };
      }
    };
    const outcome = await until(attempt, {
      what: `${refText(refOf(object))} to be accepted`,
      deadline: Deadline.in(FRESH_MS),
      intervalMs: 100,
      signal,
    }).catch((error: unknown): Outcome => {
      signal?.throwIfAborted();
      return { refusal: refusal ?? error };
    });
    if (outcome && "object" in outcome) return outcome.object;
    throw refusal;
  }

  async #send(object: KubeObject, signal: AbortSignal | undefined): Promise<KubeObject> {
    const path = await this.#paths.pathOf(refOf(object));
    return this.#connection.json<KubeObject>({
      method: "PATCH",
      path: withQuery(path, { fieldManager: FIELD_MANAGER, force: "true" }),
      body: object,
      // JSON is YAML, and older servers know this kind of patch by this name alone
      contentType: "application/apply-patch+yaml",
      signal,
    });
  }

  /** A bare pod is refused until the controller has made the service account of its namespace. */
  async #serviceAccountFor(object: KubeObject, signal: AbortSignal | undefined): Promise<void> {
    if (object.kind !== "Pod") return;
    const namespace = object.metadata.namespace ?? "default";
    const named = object.spec?.["serviceAccountName"];
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${typeof named === "string" ? named : "default"}`;
    if (this.#accountsSeen.has(path)) return;
    await until(() => this.#connection.text({ method: "GET", path, signal }), {
      what: `the service account of pod ${namespace}/${object.metadata.name}`,
      deadline: Deadline.in(FRESH_MS),
      intervalMs: 100,
      signal,
    });
    this.#accountsSeen.add(path);
  }
}

/** A kind that discovery does not list yet, or whose path is not served yet: that answer is no Status about a thing. */
function isFreshKind(error: unknown): boolean {
  if (error instanceof KubeApiError) return error.status === 404 && error.about === undefined;
  return error instanceof PlumblineError && error.code === "PL_KUBE_KIND";
}
