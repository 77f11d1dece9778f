import { harnessError, type PlumblineError } from "../core/errors.ts";
import type { Connection } from "./connection.ts";
import { KubeApiError } from "./kube-api-error.ts";
import type { KubeQuery, KubeRef } from "./kube-object.ts";
import { repeated } from "./repeated.ts";

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** Finds the path of a kind by asking the server once per group and version. Missing kinds are not remembered. */
export class ApiPaths {
  readonly #connection: Connection;
  readonly #groups = new Map<string, Promise<readonly Resource[]>>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * The path of one object or, without a name, of a collection.
   * @throws PlumblineError PL_KUBE_KIND if the server does not serve the kind (yet)
   * @throws KubeApiError
   */
  async pathOf(ref: KubeRef | KubeQuery): Promise<string> {
    const { apiVersion, kind, namespace } = ref;
    const resource = await this.#resource(apiVersion, kind);
    const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
    const name = "name" in ref ? `/${encodeURIComponent(ref.name)}` : "";
    return `${groupPath(apiVersion)}${scope}/${resource.name}${name}`;
  }

  async #resource(apiVersion: string, kind: string): Promise<Resource> {
    const find = async (): Promise<Resource | undefined> =>
      (await this.#list(apiVersion)).find((r) => r.kind === kind && !r.name.includes("/"));
    let found = await find();
    if (!found) {
      // the kind may have come since the group was asked
      this.#groups.delete(apiVersion);
      found = await find();
    }
    if (found) return found;
    this.#groups.delete(apiVersion);
    throw kindMissing(apiVersion, kind);
  }

  /** Without the caller's signal: the answer is shared. */
  #list(apiVersion: string): Promise<readonly Resource[]> {
    const known = this.#groups.get(apiVersion);
    if (known) return known;
    const asked = repeated(() =>
      this.#connection.json<{ resources: readonly Resource[] }>({ method: "GET", path: groupPath(apiVersion) }),
    )
      .then((answer) => answer.resources)
      .catch((error: unknown) => {
        // a group that is not served at all
        if (error instanceof KubeApiError && error.status === 404) return [];
        throw error;
      });
    this.#groups.set(apiVersion, asked);
    asked.catch(() => this.#groups.delete(apiVersion));
    return asked;
  }
}

function kindMissing(apiVersion: string, kind: string): PlumblineError {
  return harnessError("PL_KUBE_KIND", `the API server does not serve ${kind} of ${apiVersion}`, {
    hint: "is its CustomResourceDefinition installed?",
  });
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
