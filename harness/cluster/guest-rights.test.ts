import { readFileSync } from "node:fs";
import { expect } from "chai";
import { parse } from "yaml";
import { packageFile } from "../core/package-root.ts";
import {
  DISRUPTIVE_RIGHTS,
  GUEST_RIGHTS,
  NETWORK_RIGHTS,
  requireRights,
  WHEREABOUTS_RIGHTS,
  type Right,
} from "./guest-rights.ts";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const text = ({ verb, group, resource }: Right): string => `${verb} ${resource} ${group}`;

describe("the rights of a guest", () => {
  it("are those of the ClusterRole in the README", () => {
    const readme = readFileSync(packageFile("README.md"), "utf8");
    const role = /```yaml\n(apiVersion: rbac[^`]*)```/.exec(readme)?.[1] ?? "";
    const { rules } = parse(role) as { rules: readonly Rule[] };
    const granted = rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => ({ group, resource, verb })))),
    );
    const wanted = [...GUEST_RIGHTS, ...DISRUPTIVE_RIGHTS].map(text).toSorted();
    expect(granted.map(text).toSorted()).to.deep.equal(wanted);
  });

  it("have the ones of networks and of whereabouts in the README, by resource and group", () => {
    const readme = readFileSync(packageFile("README.md"), "utf8");
    const more = [...Object.values(NETWORK_RIGHTS).flat(), ...WHEREABOUTS_RIGHTS];
    for (const { resource, group } of more) expect(readme).to.include(`\`${resource}\``).and.to.include(`\`${group}\``);
  });

  it("are asked for one by one, and each that is missing is named", async () => {
    const asked: unknown[] = [];
    const raw = async (_method: string, _path: string, body?: unknown) => {
      asked.push(body);
      return { status: { allowed: !/"verb":"get".*"subresource":"exec"/.test(JSON.stringify(body)) } };
    };
    const error: unknown = await requireRights({ raw }, GUEST_RIGHTS).catch((thrown: unknown) => thrown);
    expect(asked).to.have.length(GUEST_RIGHTS.length);
    expect(error).to.include({ code: "PL_KUBE_RIGHTS", kind: "usage" });
    expect((error as Error).message).to.equal("the user of the kubeconfig may not get pods/exec");
  });
});
