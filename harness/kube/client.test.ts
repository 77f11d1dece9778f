import { expect } from "chai";
import { Deadline } from "../core/deadline.ts";
import { DeadlineError } from "../core/errors.ts";
import { KubeApiError, KubeClient, type KubeObject } from "./client.ts";
import { FakeApiServer, json, refuse } from "./fake-api-server.test.ts";

const POD = { apiVersion: "v1", kind: "Pod", namespace: "a", name: "p" } as const;
const pod = (phase: string, version = "1"): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", namespace: "a", resourceVersion: version },
  status: { phase },
});
const thrown = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("KubeClient", () => {
  let server: FakeApiServer;
  let kube: KubeClient;
  beforeEach(async () => {
    server = await FakeApiServer.start();
    kube = KubeClient.fromFile(server.kubeconfigPath);
  });
  afterEach(() => server.stop());

  describe("errors", () => {
    it("keeps status, reason and causes of a refusal", async () => {
      const causes = [{ reason: "FieldValueInvalid", field: "spec.x", message: "bad" }];
      server.answer((_, r) => refuse(r, 422, { reason: "Invalid", details: { kind: "pods", name: "p", causes } }));
      const error = await thrown(kube.apply([{ ...pod("x"), kind: "ConfigMap" }]));
      expect(error).to.be.instanceOf(KubeApiError);
      expect(error).to.include({ status: 422, reason: "Invalid", code: "PL_KUBE_API", kind: "harness" });
      expect((error as KubeApiError).causes).to.deep.equal(causes);
    });

    it("does not repeat a conflict", async () => {
      server.answer((_, r) => refuse(r, 409, { reason: "Conflict", details: { kind: "configmaps" } }));
      const error = await thrown(
        kube.apply([{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace: "a" } }]),
      );
      expect(error).to.include({ status: 409, reason: "Conflict" });
      expect(server.requests.filter((q) => q.method === "PATCH")).to.have.length(1);
    });

    it("repeats a read whose connection is cut, and says so if it stays cut", async () => {
      let cuts = 2;
      server.answer((_, r) => (cuts-- > 0 ? r.destroy() : json(r, 200, pod("Running"))));
      expect((await kube.get(POD))?.status).to.deep.equal({ phase: "Running" });
      cuts = 99;
      expect(await thrown(kube.get(POD))).to.include({ status: 0, code: "PL_KUBE_UNREACHABLE" });
    });

    it("ends a request that is aborted with the signal's reason", async () => {
      const abort = new AbortController();
      server.answer(() => abort.abort(new Error("enough")));
      expect(await thrown(kube.list({ apiVersion: "v1", kind: "Node" }, { signal: abort.signal }))).to.include({
        message: "enough",
      });
    });
  });

  describe("get, delete, apply", () => {
    it("takes an absent object or kind for undefined", async () => {
      server.answer((_, r) => refuse(r, 404, { reason: "NotFound", details: { kind: "pods", name: "p" } }));
      expect(await kube.get(POD)).to.equal(undefined);
      expect(await kube.get({ apiVersion: "example.org/v1", kind: "Thing", name: "t" })).to.equal(undefined);
      await kube.delete(POD);
    });

    it("applies raw JSON server-side and keeps fields that no model knows", async () => {
      server.answer((q, r) => json(r, 200, q.body === "" ? {} : JSON.parse(q.body)));
      const [applied] = await kube.apply([
        {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "c", namespace: "a" },
          data: { x: "1" },
          newField: [1],
        },
      ]);
      expect(applied?.["newField"]).to.deep.equal([1]);
      const patch = server.requests.find((q) => q.method === "PATCH");
      expect(patch?.contentType).to.equal("application/apply-patch+yaml");
      expect(patch?.path).to.equal("/api/v1/namespaces/a/configmaps/c");
      expect(patch?.query.get("fieldManager")).to.equal("plumbline");
    });

    it("waits for a kind whose definition has just been applied", async () => {
      let asked = 0;
      server.answer((q, r) => {
        if (q.path !== "/apis/example.org/v1") return json(r, 200, JSON.parse(q.body));
        return asked++ < 3 ? void r.writeHead(404).end("404 page not found") : json(r, 200, { resources: [THING] });
      });
      const thing = { apiVersion: "example.org/v1", kind: "Thing", metadata: { name: "t" } };
      expect(await kube.apply([thing])).to.deep.equal([thing]);
    });

    it("waits for the service account of a pod's namespace", async () => {
      let asked = 0;
      server.answer((q, r) => {
        if (!q.path.endsWith("/serviceaccounts/default")) return json(r, 200, JSON.parse(q.body));
        return asked++ < 2 ? refuse(r, 404, { details: { kind: "serviceaccounts" } }) : json(r, 200, {});
      });
      await kube.apply([pod("x")]);
      await kube.apply([pod("x")]);
      expect(asked).to.equal(3);
    });
  });

  describe("waitFor", () => {
    const list = (items: unknown[], version: string): unknown => ({ metadata: { resourceVersion: version }, items });

    it("follows watches that end, are cut and have become too old", async () => {
      let watches = 0;
      server.answer((q, r) => {
        expect(q.query.get("fieldSelector")).to.equal("metadata.name=p");
        if (q.query.get("watch") === null) return json(r, 200, list([pod("Pending")], "5"));
        expect(q.query.get("resourceVersion")).to.equal("5");
        r.writeHead(200, { "content-type": "application/json" });
        watches++;
        if (watches === 1) return void r.end();
        if (watches === 2)
          return void r.write(`${JSON.stringify({ type: "MODIFIED", object: pod("Pending") })}\n`, () => r.destroy());
        if (watches === 3) return void r.end(`${JSON.stringify({ type: "ERROR", object: { code: 410 } })}\n`);
        return void r.write(`${JSON.stringify({ type: "MODIFIED", object: pod("Running", "9") })}\n`);
      });
      const found = await kube.waitFor(POD, {
        what: "the pod",
        deadline: Deadline.in(10_000),
        done: (o) => o?.status?.["phase"] === "Running",
      });
      expect(found?.metadata.resourceVersion).to.equal("9");
      expect(watches).to.equal(4);
    });

    it("sees a deletion as undefined", async () => {
      server.answer((q, r) => {
        if (q.query.get("watch") === null) return json(r, 200, list([pod("Running")], "5"));
        r.writeHead(200);
        return void r.write(`${JSON.stringify({ type: "DELETED", object: pod("Running") })}\n`);
      });
      const options = {
        what: "its end",
        deadline: Deadline.in(5_000),
        done: (o: KubeObject | undefined) => o === undefined,
      };
      expect(await kube.waitFor(POD, options)).to.equal(undefined);
    });

    it("reports what it saw last when the time runs out", async () => {
      server.answer((q, r) => {
        if (q.query.get("watch") === null) json(r, 200, list([pod("Pending")], "5"));
        else r.writeHead(200).flushHeaders();
      });
      const error = await thrown(
        kube.waitFor(POD, { what: "the pod", deadline: Deadline.in(1_500), done: () => false }),
      );
      expect(error).to.be.instanceOf(DeadlineError);
      expect(error).to.include({ code: "PL_KUBE_WAIT" });
      expect((error as Error).message).to.match(/waited 1\.\d s for the pod; last seen: .*Pending/);
    });

    it("names the refusal if there was nothing to see", async () => {
      server.answer((_, r) => refuse(r, 403, { reason: "Forbidden", message: "not you" }));
      const error = await thrown(kube.waitFor(POD, { what: "the pod", deadline: Deadline.in(300), done: () => true }));
      expect((error as Error).message).to.match(/403 Forbidden: not you/);
    });

    it("ends with the reason of an abort", async () => {
      const abort = new AbortController();
      server.answer((q, r) => {
        if (q.query.get("watch") === null) return json(r, 200, list([], "5"));
        r.writeHead(200).flushHeaders();
        return abort.abort(new Error("interrupted"));
      });
      const options = {
        what: "x",
        deadline: Deadline.in(5_000),
        done: (o: unknown) => o !== undefined,
        signal: abort.signal,
      };
      expect(await thrown(kube.waitFor(POD, options))).to.include({ message: "interrupted" });
    });
  });

  it("reads an empty log, and events in the order of time", async () => {
    const event = (name: string, time: string): KubeObject => ({
      apiVersion: "v1",
      kind: "Event",
      metadata: { name },
      reason: name,
      type: "Warning",
      message: "m",
      ...(name === "old" ? { lastTimestamp: time, count: 3 } : { eventTime: time, lastTimestamp: null }),
    });
    server.answer((q, r) => {
      if (q.path.endsWith("/log")) return void r.writeHead(200).end();
      return json(r, 200, { items: [event("new", "2026-01-01T00:00:02.5Z"), event("old", "2026-01-01T00:00:01Z")] });
    });
    expect(await kube.logs({ namespace: "a", pod: "p", tailLines: 0 })).to.equal("");
    expect(server.requests.at(-1)?.query.get("tailLines")).to.equal("0");
    expect((await kube.events({ namespace: "a", name: "p" })).map((e) => [e.reason, e.count])).to.deep.equal([
      ["old", 3],
      ["new", 1],
    ]);
  });
});

const THING = { name: "things", kind: "Thing", namespaced: false };
