import type { Deadline } from "../core/deadline.ts";
import { PlumblineError } from "../core/errors.ts";
import type { LineSession } from "../process/line-session.ts";
import type { Finished } from "../process/run.ts";
import { ApiPaths } from "./api-paths.ts";
import { Applier } from "./apply.ts";
import { Connection, type KubeRequest } from "./connection.ts";
import { eventsOf } from "./events.ts";
import { execInPod, type ExecRequest } from "./exec.ts";
import { openExec } from "./open-exec.ts";
import { KubeApiError } from "./kube-api-error.ts";
import { refText, type KubeEvent, type KubeObject, type KubeQuery, type KubeRef } from "./kube-object.ts";
import { observe, withQuery } from "./observe.ts";
import { repeated } from "./repeated.ts";

export { KubeApiError } from "./kube-api-error.ts";
export type { KubeEvent, KubeObject, KubeQuery, KubeRef } from "./kube-object.ts";

export interface KubeCallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface WaitOptions<T> extends KubeCallOptions {
  /** What is waited for, as in "waited 30 s for ...". */
  readonly what: string;
  readonly done: (observed: T) => boolean;
  readonly deadline: Deadline;
  /** A short form of the last observation for the error. Default: its status. */
  readonly describe?: (observed: T) => unknown;
}

export interface LogQuery {
  readonly namespace: string;
  readonly pod: string;
  readonly container?: string;
  readonly sinceSeconds?: number;
  readonly tailLines?: number;
  /** The log of the instance before the last restart. */
  readonly previous?: boolean;
}

/**
 * The Kubernetes API as raw JSON. Every refusal is a `KubeApiError`; a server that cannot be reached is one too, after
 * the requests that may be repeated without harm have been repeated.
 */
export class KubeClient {
  readonly #connection: Connection;
  readonly #paths: ApiPaths;
  readonly #applier: Applier;

  private constructor(connection: Connection) {
    this.#connection = connection;
    this.#paths = new ApiPaths(connection);
    this.#applier = new Applier(connection, this.#paths);
  }

  /**
   * @param path of a kubeconfig; nothing is read before the first request
   * @param context default: the current one
   */
  static fromFile(path: string, context?: string): KubeClient {
    return new KubeClient(new Connection(path, context));
  }

  /**
   * Server-side apply in the given order, as field manager `plumbline`, forced. A kind whose CustomResourceDefinition
   * has just been applied is waited for, and so is the service account that a pod of a new namespace needs.
   * @returns the objects as the server has them
   */
  async apply(objects: readonly KubeObject[], options: KubeCallOptions = {}): Promise<KubeObject[]> {
    const applied: KubeObject[] = [];
    for (const object of objects) applied.push(await this.#applier.apply(object, options.signal));
    return applied;
  }

  /** @returns undefined if there is no such object, or no such kind */
  async get(ref: KubeRef, options: KubeCallOptions = {}): Promise<KubeObject | undefined> {
    return this.#paths
      .pathOf(ref)
      .then((path) => repeated(() => this.#connection.json<KubeObject>({ method: "GET", path, ...options })))
      .catch(undefinedIfMissing);
  }

  async list(query: KubeQuery, options: KubeCallOptions = {}): Promise<KubeObject[]> {
    const path = withQuery(await this.#paths.pathOf(query), selectors(query));
    const list = await repeated(() =>
      this.#connection.json<{ items: KubeObject[] }>({ method: "GET", path, ...options }),
    );
    // items of a list carry neither of the two
    return list.items.map((item) => ({ ...item, apiVersion: query.apiVersion, kind: query.kind }));
  }

  /** Asks for the deletion and does not wait for its end; an object that is not there is fine. */
  async delete(ref: KubeRef, options: KubeCallOptions & { gracePeriodSeconds?: number } = {}): Promise<void> {
    const { gracePeriodSeconds, signal } = options;
    const body = {
      propagationPolicy: "Background",
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    };
    await this.#paths
      .pathOf(ref)
      .then((path) => repeated(() => this.#connection.text({ method: "DELETE", path, body, signal })))
      .catch(undefinedIfMissing);
  }

  async patch(
    ref: KubeRef,
    body: unknown,
    options: KubeCallOptions & { type: "merge" | "json"; subresource?: string },
  ): Promise<KubeObject> {
    const path = await this.#paths.pathOf(ref);
    const contentType = options.type === "merge" ? "application/merge-patch+json" : "application/json-patch+json";
    return this.#connection.json<KubeObject>({
      method: "PATCH",
      path: options.subresource === undefined ? path : `${path}/${options.subresource}`,
      body,
      contentType,
      signal: options.signal,
    });
  }

  /**
   * Waits by list and watch until one object satisfies `done`; `undefined` stands for "there is none".
   * @throws DeadlineError PL_KUBE_WAIT with what was seen last
   */
  async waitFor(ref: KubeRef, options: WaitOptions<KubeObject | undefined>): Promise<KubeObject | undefined> {
    const { done, describe } = options;
    const [found] = await this.waitForList(
      { ...ref, fieldSelector: `metadata.name=${ref.name}` },
      {
        ...options,
        done: ([object]) => done(object),
        describe: ([object]) =>
          describe
            ? describe(object)
            : object === undefined
              ? `no ${refText(ref)}`
              : (object.status ?? object.metadata),
      },
    );
    return found;
  }

  /** As `waitFor`, for all objects of a query together: one watch, however many they are. */
  async waitForList(query: KubeQuery, options: WaitOptions<readonly KubeObject[]>): Promise<readonly KubeObject[]> {
    const { what, deadline, signal, done } = options;
    const { apiVersion, kind, namespace, labelSelector, fieldSelector } = query;
    const path = (): Promise<string> => this.#paths.pathOf({ apiVersion, kind, namespace });
    const describe =
      options.describe ??
      ((objects: readonly KubeObject[]): unknown => objects.map((o) => ({ name: o.metadata.name, status: o.status })));
    return observe(this.#connection, {
      path,
      query: selectors({ labelSelector, fieldSelector }),
      what,
      deadline,
      signal,
      done,
      describe,
    });
  }

  /** The log of a container as it is now. */
  async logs(query: LogQuery, options: KubeCallOptions = {}): Promise<string> {
    const { namespace, pod, container, sinceSeconds, tailLines, previous } = query;
    const path = withQuery(`/api/v1/namespaces/${namespace}/pods/${pod}/log`, {
      container,
      sinceSeconds: sinceSeconds?.toString(),
      tailLines: tailLines?.toString(),
      previous: previous ? "true" : undefined,
    });
    return repeated(() => this.#connection.text({ method: "GET", path, accept: "*/*", ...options }));
  }

  /** The events about the objects of one name, oldest first. */
  async events(about: { namespace: string; name: string; uid?: string }): Promise<KubeEvent[]> {
    return eventsOf(
      await this.list({
        apiVersion: "v1",
        kind: "Event",
        namespace: about.namespace,
        fieldSelector: `involvedObject.name=${about.name}${about.uid === undefined ? "" : `,involvedObject.uid=${about.uid}`}`,
      }),
    );
  }

  /** Runs a program in a container. @throws PlumblineError PL_EXEC_..., see `execInPod` */
  async exec(request: ExecRequest): Promise<Finished> {
    return execInPod(await this.#connection.config(), request);
  }

  /** Starts a program in a container that answers line by line. */
  async openExec(request: Omit<ExecRequest, "timeoutMs" | "stdin">): Promise<LineSession> {
    return openExec(await this.#connection.config(), request);
  }

  /** One request as it is, without repetition. @returns the answer, parsed if it is JSON */
  async raw(method: KubeRequest["method"], path: string, body?: unknown): Promise<unknown> {
    const text = await this.#connection.text({ method, path, ...(body === undefined ? {} : { body }) });
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  }
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof KubeApiError && error.status === 404) return undefined;
  if (error instanceof PlumblineError && error.code === "PL_KUBE_KIND") return undefined;
  throw error;
}

function selectors(query: Pick<KubeQuery, "labelSelector" | "fieldSelector">): Record<string, string> {
  return {
    ...(query.labelSelector === undefined ? {} : { labelSelector: query.labelSelector }),
    ...(query.fieldSelector === undefined ? {} : { fieldSelector: query.fieldSelector }),
  };
}
