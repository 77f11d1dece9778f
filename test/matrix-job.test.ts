import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { V1Job, V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { expect } from "chai";
import { packageFile } from "../harness/core/package-root.ts";
import { run, type Finished } from "../harness/process/run.ts";
import { findRecords } from "../harness/results/find-records.ts";
import { parseManifest } from "../harness/stack/manifest.ts";

const JOB = packageFile("fixtures", "job");

interface Attribute {
  readonly name: string;
  readonly baseName: string;
  readonly type: string;
}

/** Keys that the API's own model does not have, to any depth. The client's models are made from Kubernetes' OpenAPI. */
function unknownKeys(
  value: unknown,
  model: string,
  { models, at = "" }: { readonly models: Readonly<Record<string, unknown>>; readonly at?: string },
): readonly string[] {
  const list = /^Array<(.+)>$/.exec(model)?.[1];
  if (list !== undefined) {
    return (value as readonly unknown[]).flatMap((item, i) => unknownKeys(item, list, { models, at: `${at}[${i}]` }));
  }
  const type = models[model] as { getAttributeTypeMap?: () => readonly Attribute[] } | undefined;
  const attributes = type?.getAttributeTypeMap?.();
  if (!attributes) return [];
  return Object.entries(value as Readonly<Record<string, unknown>>).flatMap(([key, item]) => {
    const found = attributes.find(({ baseName }) => baseName === key);
    return found ? unknownKeys(item, found.type, { models, at: `${at}.${key}` }) : [`${at}.${key}`];
  });
}

describe("the Indexed Job of a matrix", () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(path.join(tmpdir(), "plumbline-job-"))));
  afterEach(() => rmSync(dir, { recursive: true }));

  it("is what Kubernetes' API takes, and as many pods as parts", async () => {
    const models = (await import("@kubernetes/client-node")) as Readonly<Record<string, unknown>>;
    const [claim, job] = parseManifest(readFileSync(path.join(JOB, "matrix-job.yaml"), "utf8"), "matrix-job.yaml");
    expect(unknownKeys(claim, V1PersistentVolumeClaim.name, { models })).to.deep.equal([]);
    expect(unknownKeys(job, V1Job.name, { models })).to.deep.equal([]);
    expect(unknownKeys({ ...job, spec: { completion: 1 } }, V1Job.name, { models })).to.deep.equal([
      ".spec.completion",
    ]);
    const spec = job?.spec as unknown as {
      completions: number;
      parallelism: number;
      completionMode: string;
      template: { spec: { containers: { env: { name: string; value: string }[] }[] } };
    };
    const parts = spec.template.spec.containers[0]?.env.find(({ name }) => name === "PARTS")?.value;
    expect([spec.completionMode, String(spec.completions), spec.parallelism]).to.deep.equal(["Indexed", parts, 3]);
  });

  const shard = (env: Readonly<Record<string, string>>): Promise<Finished> => {
    const stub = path.join(dir, "stub");
    writeFileSync(stub, `#!/bin/sh\necho "$@" >>"${dir}/calls"\n[ "$1" != matrix ] || exit "\${STUB_EXIT:-0}"\n`);
    chmodSync(stub, 0o755);
    return run(path.join(JOB, "shard.sh"), ["--profile", "full"], {
      timeoutMs: 60_000,
      okExitCodes: "any",
      env: {
        PLUMBLINE_PROGRAM: stub,
        HOSTNAME: "pod-x",
        DOCKER_HOST: "unix:///x",
        JOB_COMPLETION_INDEX: undefined,
        ...env,
      },
    });
  };

  it("runs part i + 1 in the pod of index i, and cleans up whatever came of it", async () => {
    const env = { JOB_COMPLETION_INDEX: "0", PARTS: "3", OUT: "/records", MATRIX: "m.yaml" };
    expect((await shard(env)).exitCode).to.equal(0);
    expect(readFileSync(path.join(dir, "calls"), "utf8")).to.equal(
      "matrix run --matrix m.yaml --shard 1/3 --out /records/part-0-pod-x --profile full\ngc\n",
    );
  });

  it("puts what an earlier pod of the index left where no merge looks, and nothing of the others", async () => {
    const records = path.join(dir, "records");
    for (const part of ["part-1-pod-a", "part-11-pod-b"]) {
      mkdirSync(path.join(records, part, "run"), { recursive: true });
      writeFileSync(path.join(records, part, "run", "events.ndjson"), "");
    }
    expect((await shard({ JOB_COMPLETION_INDEX: "1", PARTS: "3", OUT: records })).exitCode).to.equal(0);
    expect(findRecords([records]).map((found) => path.relative(records, found.dir))).to.deep.equal([
      path.join("part-11-pod-b", "run"),
    ]);
    expect(readdirSync(path.join(records, ".earlier"))).to.deep.equal(["part-1-pod-a"]);
  });

  it("is done with a part that has an answer, and tries again what broke", async () => {
    const env = { JOB_COMPLETION_INDEX: "2", PARTS: "3" };
    expect((await shard({ ...env, STUB_EXIT: "1" })).exitCode).to.equal(0);
    expect((await shard({ ...env, STUB_EXIT: "3" })).exitCode).to.equal(3);
    expect((await shard({ PARTS: "3" })).exitCode, "outside of a Job").to.not.equal(0);
  });
});
