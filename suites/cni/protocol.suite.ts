import { expect } from "chai";
import {
  BareContainer,
  inShort,
  suite,
  testCase,
  type AskedPlugins,
  type PluginAnswer,
} from "../../harness/testkit/index.ts";

/** What a plugin can be asked before it looks at its own keys. */
const plain = (cniVersion: string, type: string) => ({ cniVersion, name: "cni-protocol", type });

const probesIn = (cniVersion: string) => [
  { what: "no JSON", code: 6, stdin: '{"cniVersion":' },
  { what: "no name", code: 7, stdin: JSON.stringify({ cniVersion }) },
  { what: "container ID -a", code: 4, env: { CNI_CONTAINERID: "-a" } },
  { what: "container ID a/b", code: 4, env: { CNI_CONTAINERID: "a/b" } },
  { what: "interface name a/b", code: 4, env: { CNI_IFNAME: "a/b" } },
  { what: "interface name a:b", code: 4, env: { CNI_IFNAME: "a:b" } },
  { what: "interface name with a space", code: 4, env: { CNI_IFNAME: "a b" } },
  { what: "interface name ..", code: 4, env: { CNI_IFNAME: ".." } },
  { what: "interface name of 16 characters", code: 4, env: { CNI_IFNAME: "n".repeat(16) } },
];

const REQUIRED = {
  ADD: ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"],
  CHECK: ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"],
  DEL: ["CNI_CONTAINERID", "CNI_IFNAME"],
} as const;

/** Asks every plugin, and tells what it answered where that is not as demanded. */
async function departures(
  { names }: AskedPlugins,
  ask: (type: string) => Promise<readonly { what: string; answer: PluginAnswer; asDemanded: boolean }[]>,
): Promise<readonly string[]> {
  const found = [];
  for (const type of names) {
    for (const { what, answer, asDemanded } of await ask(type)) {
      if (!asDemanded) found.push(`${type}, ${what}: ${inShort(answer)}`);
    }
  }
  return found;
}

const refusedWith = ({ exitCode, json }: PluginAnswer, code: number): boolean =>
  exitCode > 0 && json?.["code"] === code;

suite("the plugin protocol", () => {
  testCase(
    {
      id: "CNI-001",
      revision: 1,
      title: "VERSION prints the versions that the plugin supports",
      layer: "L0",
      asks: ["interface", "chained", "ipam"],
      clauses: ["CNI-5-version-result"],
      faults: ["bridge-names-no-versions", "plugins-answer-version-in-the-version-asked"],
      pods: {},
    },
    async ({ nodes, plugins, claim }) => {
      const container = await BareContainer.open(nodes, "cni-001");
      const answers = new Map<string, PluginAnswer>();
      for (const type of plugins.names) {
        answers.set(type, await container.call("VERSION", { cniVersion: plugins.version, type }));
      }
      const isVersions = ({ exitCode, json }: PluginAnswer): boolean => {
        const versions: unknown = json?.["supportedVersions"];
        return exitCode === 0 && Array.isArray(versions) && versions.includes(plugins.version);
      };
      await claim("supported-versions", () => {
        const wrong = [...answers]
          .filter(([, answer]) => !isVersions(answer))
          .map(([type, a]) => `${type}: ${inShort(a)}`);
        expect(wrong, `plugins whose VERSION lists no ${plugins.version}`).to.deep.equal([]);
      });
      await claim("in-the-version-asked", () => {
        const others = [...answers].filter(([, { json }]) => json?.["cniVersion"] !== plugins.version);
        const wrong = others.map(([type, { json }]) => `${type}: ${String(json?.["cniVersion"])}`);
        expect(wrong, `plugins asked in ${plugins.version} whose VERSION says another cniVersion`).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "CNI-003",
      revision: 1,
      title: "a configuration of an unknown version is refused with code 1",
      layer: "L0",
      asks: ["interface", "chained", "ipam"],
      clauses: ["CNI-5-error-codes"],
      faults: ["bridge-takes-any-version"],
      pods: {},
    },
    async ({ nodes, plugins, claim }) => {
      const container = await BareContainer.open(nodes, "cni-003");
      const wrong = await departures(plugins, async (type) => {
        const unknown = { ...plain(plugins.version, type), cniVersion: "9.9.9" };
        const asked = (["ADD", "CHECK", "DEL"] as const).map(async (command) => {
          const answer = await container.call(command, unknown);
          return { what: command, answer, asDemanded: refusedWith(answer, 1) };
        });
        return Promise.all(asked);
      });
      await claim("code-1", () => {
        expect(wrong, "plugins that do not refuse version 9.9.9 with code 1").to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "CNI-005",
      revision: 1,
      title: "input that cannot be read or is not valid is refused with the code of its kind",
      layer: "L0",
      asks: ["interface", "chained", "ipam"],
      clauses: ["CNI-5-error-codes", "CNI-2-parameters"],
      faults: ["macvlan-takes-input-without-a-name"],
      pods: {},
    },
    async ({ nodes, plugins, claim }) => {
      const container = await BareContainer.open(nodes, "cni-005");
      const wrong = await departures(plugins, async (type) =>
        Promise.all(
          probesIn(plugins.version).map(async ({ what, code, ...change }) => {
            const answer = await container.call("ADD", plain(plugins.version, type), change);
            return { what, answer, asDemanded: refusedWith(answer, code) };
          }),
        ),
      );
      await claim("code-of-its-kind", () => {
        expect(wrong, "plugins that answer bad input with another code").to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "CNI-002",
      revision: 1,
      title: "a failure exits non-zero with nothing but an error object on standard output",
      layer: "L0",
      asks: ["interface", "chained", "ipam"],
      clauses: ["CNI-5-error-object"],
      faults: ["ptp-fails-with-exit-code-0", "static-fails-without-a-code", "plugins-name-the-version-of-an-error"],
      pods: {},
    },
    async ({ nodes, plugins, claim }) => {
      const container = await BareContainer.open(nodes, "cni-002");
      const answers = new Map<string, PluginAnswer>();
      for (const type of plugins.names) {
        answers.set(type, await container.call("ADD", { cniVersion: plugins.version, type }));
      }
      const wrong = (isWrong: (answer: PluginAnswer) => boolean): readonly string[] =>
        [...answers].filter(([, answer]) => isWrong(answer)).map(([type, answer]) => `${type}: ${inShort(answer)}`);
      await claim("non-zero-exit", () => {
        expect(
          wrong(({ exitCode }) => exitCode <= 0),
          "plugins that fail without an exit code above 0",
        ).to.deep.equal([]);
      });
      await claim("error-object", () => {
        const isError = ({ json }: PluginAnswer): boolean =>
          typeof json?.["code"] === "number" && typeof json["msg"] === "string" && json["msg"] !== "";
        expect(
          wrong((answer) => !isError(answer)),
          "plugins whose error has no code or no message",
        ).to.deep.equal([]);
      });
      await claim("error-names-its-version", () => {
        const without = wrong(({ json }) => json?.["cniVersion"] !== plugins.version);
        expect(
          without,
          `plugins whose error has not the cniVersion ${plugins.version} of the configuration`,
        ).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "CNI-004",
      revision: 1,
      title: "a missing variable of the environment is refused with code 4, by name",
      layer: "L0",
      asks: ["interface", "chained", "ipam"],
      clauses: ["CNI-5-error-codes"],
      faults: ["tuning-misses-no-netns", "plugins-miss-their-command"],
      pods: {},
    },
    async ({ nodes, plugins, claim }) => {
      const container = await BareContainer.open(nodes, "cni-004");
      const named = (answer: PluginAnswer, variable: string): boolean =>
        refusedWith(answer, 4) &&
        `${String(answer.json?.["msg"])} ${String(answer.json?.["details"])}`.includes(variable);
      const wrong = await departures(plugins, async (type) =>
        Promise.all(
          (["ADD", "CHECK", "DEL"] as const).flatMap((command) =>
            REQUIRED[command].map(async (variable) => {
              const answer = await container.call(command, plain(plugins.version, type), { env: { [variable]: null } });
              return { what: `${command} without ${variable}`, answer, asDemanded: named(answer, variable) };
            }),
          ),
        ),
      );
      await claim("variables-of-the-command", () => {
        expect(wrong, "plugins that do not refuse a missing variable with code 4 and its name").to.deep.equal([]);
      });
      const withoutCommand = await departures(plugins, async (type) => {
        const answer = await container.call("ADD", plain(plugins.version, type), { env: { CNI_COMMAND: null } });
        return [{ what: "no CNI_COMMAND", answer, asDemanded: named(answer, "CNI_COMMAND") }];
      });
      await claim("command-itself", () => {
        expect(withoutCommand, "plugins that do not refuse a call without a command").to.deep.equal([]);
      });
    },
  );
});
