/** An object of the Kubernetes API as raw JSON: nothing is dropped and nothing is converted, whatever the server's version. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: KubeMetadata;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  /** What some kinds have beside spec and status: `data`, `rules`, `subjects`, ... */
  readonly [field: string]: unknown;
}

export interface KubeMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly Readonly<Record<string, unknown>>[];
  readonly finalizers?: readonly string[];
  readonly [field: string]: unknown;
}

/** Which object is meant. */
export interface KubeRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** Which objects are meant. Without `namespace`: of all namespaces. */
export interface KubeQuery {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** An event of the cluster about one object, in the order of time. */
export interface KubeEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  /** ISO 8601. */
  readonly time: string;
  readonly count: number;
  readonly source: string;
}

/** The reference of an object at hand. */
export function refOf(object: KubeObject): KubeRef {
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, namespace: metadata.namespace, name: metadata.name };
}

/** How an object is named in messages: `Pod ns/name`. */
export function refText(ref: KubeRef | KubeQuery): string {
  const name = "name" in ref ? ref.name : (ref.labelSelector ?? ref.fieldSelector ?? "*");
  return `${ref.kind} ${ref.namespace === undefined ? name : `${ref.namespace}/${name}`}`;
}
