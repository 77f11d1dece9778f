import type { KubeEvent, KubeObject } from "./kube-object.ts";

/** Events as a reader wants them, oldest first. The two generations of the API keep the time in different fields. */
export function eventsOf(objects: readonly KubeObject[]): KubeEvent[] {
  return objects.map(eventOf).toSorted((a, b) => (a.time < b.time ? -1 : 1));
}

function eventOf(object: KubeObject): KubeEvent {
  const source = object["source"] as { component?: unknown; host?: unknown } | undefined;
  const series = object["series"] as { count?: unknown; lastObservedTime?: unknown } | undefined;
  return {
    type: text(object["type"]),
    reason: text(object["reason"]),
    message: text(object["message"]),
    time: first(
      series?.lastObservedTime,
      object["lastTimestamp"],
      object["eventTime"],
      object.metadata.creationTimestamp,
    ),
    count: Number(series?.count ?? object["count"] ?? 1),
    source: first(source?.component, object["reportingComponent"]),
  };
}

function first(...values: unknown[]): string {
  return text(values.find((v) => typeof v === "string" && v !== ""));
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
