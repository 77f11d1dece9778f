import { messageOf, PlumblineError } from "../core/errors.ts";

export interface KubeCause {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
}

interface KubeErrorFacts {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly causes?: readonly KubeCause[];
  readonly details?: { readonly kind?: string; readonly name?: string };
  readonly retryAfterSeconds?: number | undefined;
  readonly cause?: unknown;
}

/**
 * What the API server refused, or that it could not be reached (`status` 0, code PL_KUBE_UNREACHABLE).
 * `reason` is the machine-readable one of the Status object, e.g. `NotFound`, `Conflict`, `Invalid`; empty if the answer
 * was no Status.
 */
export class KubeApiError extends PlumblineError {
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly KubeCause[];
  /** What the server says the error is about; absent if the path itself is not served. */
  readonly about: { readonly kind?: string; readonly name?: string } | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(request: string, facts: KubeErrorFacts) {
    const { status, reason, causes = [] } = facts;
    super({
      code: status === 0 ? "PL_KUBE_UNREACHABLE" : "PL_KUBE_API",
      kind: "harness",
      message: `${request}: ${status === 0 ? "the API server cannot be reached" : `${status} ${reason}`.trim()}: ${facts.message}`,
      hint: status === 0 ? "look whether the cluster's nodes still run (`plumbline list clusters`)" : undefined,
      cause: facts.cause,
      context: { request, status, reason, causes },
    });
    this.name = "KubeApiError";
    this.status = status;
    this.reason = reason;
    this.causes = causes;
    this.about = facts.details;
    this.retryAfterSeconds = facts.retryAfterSeconds;
  }
}

interface StatusObject {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: {
    readonly kind?: string;
    readonly name?: string;
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly Partial<KubeCause>[];
  };
}

/** An error from an answer that is not 2xx. @param request what was asked, as in `GET /api/v1/...` */
export function errorOfAnswer(request: string, status: number, body: string): KubeApiError {
  const parsed = statusObject(body);
  const details = parsed?.details;
  return new KubeApiError(request, {
    status,
    reason: parsed?.reason ?? "",
    message: parsed?.message ?? (body.trim().slice(0, 500) || "the answer has no body"),
    causes: (details?.causes ?? []).map((c) => ({
      reason: c.reason ?? "",
      field: c.field ?? "",
      message: c.message ?? "",
    })),
    ...(details?.kind === undefined ? {} : { details: { kind: details.kind, name: details.name ?? "" } }),
    retryAfterSeconds: details?.retryAfterSeconds,
  });
}

/** An error from a request that got no answer, whatever was thrown. */
export function errorOfTransport(request: string, thrown: unknown): KubeApiError {
  // undici hides the reason (ECONNREFUSED, ECONNRESET, a TLS fault) in the cause of "fetch failed"
  const inner = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const code: unknown = (inner as NodeJS.ErrnoException | undefined)?.code;
  const message = typeof code === "string" ? `${code} ${messageOf(inner)}` : messageOf(inner);
  return new KubeApiError(request, { status: 0, reason: "Unreachable", message, cause: thrown });
}

function statusObject(body: string): StatusObject | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
