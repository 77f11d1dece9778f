import type { KubeConfig } from "@kubernetes/client-node";
import { fetch, type Response } from "undici";
import { messageOf, usageError, type PlumblineError } from "../core/errors.ts";
import { certificateAccess, type Access } from "./certificate-access.ts";
import { errorOfAnswer, errorOfTransport } from "./kube-api-error.ts";

export interface KubeRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query, as in `/api/v1/nodes?limit=1`. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the whole answer must be there. Default 30 000. */
  readonly timeoutMs?: number;
}

/**
 * One way to one API server. The Kubernetes client is used for credentials alone, and loaded only where they are more than
 * a certificate, since that takes more than a second. One dispatcher is kept, so that connections are reused.
 */
export class Connection {
  readonly #kubeconfigPath: string;
  readonly #context: string | undefined;
  #config: Promise<KubeConfig> | undefined;
  #access: Promise<Access> | undefined;

  /** @param context of the kubeconfig; default: the current one */
  constructor(kubeconfigPath: string, context?: string) {
    this.#kubeconfigPath = kubeconfigPath;
    this.#context = context;
  }

  /** The credentials, for exec's WebSocket. */
  config(): Promise<KubeConfig> {
    this.#config ??= this.#load();
    return this.#config;
  }

  async #load(): Promise<KubeConfig> {
    const client = await import("@kubernetes/client-node");
    const config = new client.KubeConfig();
    try {
      config.loadFromFile(this.#kubeconfigPath);
    } catch (cause) {
      throw kubeconfigError(this.#kubeconfigPath, `cannot be read: ${firstLineOf(cause)}`);
    }
    if (this.#context !== undefined) useContext(config, this.#context, this.#kubeconfigPath);
    if (URL.canParse(config.getCurrentCluster()?.server ?? "")) return config;
    const context = JSON.stringify(config.getCurrentContext() ?? "");
    throw kubeconfigError(this.#kubeconfigPath, `names no server: its current-context is ${context}`);
  }

  async #open(): Promise<Access> {
    const byCertificate = certificateAccess(this.#kubeconfigPath, this.#context);
    if (byCertificate) return byCertificate;
    const [client, config] = await Promise.all([import("@kubernetes/client-node"), this.config()]);
    const server = config.getCurrentCluster()?.server ?? "";
    const context = new client.RequestContext(server, client.HttpMethod.GET);
    await config.applySecurityAuthentication(context);
    return { server, headers: context.getHeaders(), dispatcher: context.getDispatcher() };
  }

  /**
   * Sends one request and returns an answer that is 2xx; the body is still to be read.
   * @throws KubeApiError if the server refuses or cannot be reached
   * @throws PlumblineError PL_KUBECONFIG (usage)
   * @throws the signal's reason if aborted
   */
  async open(request: KubeRequest, signal: AbortSignal): Promise<Response> {
    const text = `${request.method} ${request.path}`;
    this.#access ??= this.#open();
    const { server, headers, dispatcher } = await this.#access;
    let response: Response;
    try {
      response = await fetch(`${server.replace(/\/$/, "")}${request.path}`, {
        method: request.method,
        headers: {
          ...headers,
          accept: request.accept ?? "application/json",
          ...(request.body === undefined ? {} : { "content-type": request.contentType ?? "application/json" }),
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        ...(dispatcher === undefined ? {} : { dispatcher }),
        signal,
      });
    } catch (error) {
      request.signal?.throwIfAborted();
      if (isUnusableKey(error)) {
        throw kubeconfigError(
          this.#kubeconfigPath,
          `holds a certificate or key that is none: ${reasonOf(error)}`,
          error,
        );
      }
      throw errorOfTransport(text, error);
    }
    if (response.ok) return response;
    throw errorOfAnswer(text, response.status, await response.text().catch(() => ""));
  }

  /** Sends one request and reads the answer as text. @throws as `open` */
  async text(request: KubeRequest): Promise<string> {
    const timeout = AbortSignal.timeout(request.timeoutMs ?? 30_000);
    const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
    const response = await this.open(request, signal);
    try {
      return await response.text();
    } catch (error) {
      request.signal?.throwIfAborted();
      throw errorOfTransport(`${request.method} ${request.path}`, error);
    }
  }

  /** As `text`, parsed. The caller names the shape that the API promises. */
  async json<T>(request: KubeRequest): Promise<T> {
    return JSON.parse(await this.text(request)) as T;
  }
}

function useContext(config: KubeConfig, context: string, file: string): void {
  const names = config.getContexts().map(({ name }) => name);
  if (!names.includes(context)) {
    throw kubeconfigError(file, `has no context ${JSON.stringify(context)}: it has ${names.join(", ") || "none"}`);
  }
  config.setCurrentContext(context);
}

function kubeconfigError(file: string, why: string, cause?: unknown): PlumblineError {
  return usageError("PL_KUBECONFIG", `the kubeconfig ${file} ${why}`, {
    hint: `\`kubectl --kubeconfig ${file} config view\` shows what is in it; that of a cluster of Plumbline is written anew by \`plumbline down\` and \`plumbline up\``,
    cause,
  });
}

/** What OpenSSL says of a text that is no PEM, before anything is sent. */
function isUnusableKey(error: unknown): boolean {
  const { cause } = error as { readonly cause?: NodeJS.ErrnoException };
  return cause?.code?.startsWith("ERR_OSSL_") ?? false;
}

function reasonOf(error: unknown): string {
  return messageOf(error instanceof Error ? (error.cause ?? error) : error);
}

/** The others show the text around the fault, where keys and tokens stand; hence it is no cause either. */
function firstLineOf(error: unknown): string {
  return messageOf(error).split("\n", 1)[0] ?? "";
}
