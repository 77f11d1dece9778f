import type { Subject } from "../../harness/core/subject.ts";
import type { RunModel } from "../../harness/results/model.ts";
import { markup, type Content, type Html } from "./markup.ts";
import { facts, pageSection } from "./parts.ts";

/** What was tested, where it came from, and on what it ran. */
export function testedSection(model: RunModel): Html {
  const { subjects, testbed } = model;
  return pageSection("tested", "What was tested, and where", [
    subjects.length > 0 && subjectTable(subjects),
    testbed && featureList(testbed.features),
    environment(model),
  ]);
}

function subjectTable(subjects: readonly Subject[]): Html {
  const rows = subjects.map(
    ({ name, version, origin, source, digest, changes }) =>
      markup`<tr><th scope="row">${name}</th><td>${version}</td><td>${origin}</td><td class="wraps">${source}${digest !== "" && markup`<br><code>${digest}</code>`}${changesOf(changes)}</td></tr>
`,
  );
  return markup`<table class="subjects"><thead><tr><th scope="col">Part</th><th scope="col">Version</th><th scope="col">Artefact</th><th scope="col">Source, digest, changes</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function changesOf(changes: readonly string[]): Content {
  if (changes.length === 0) return undefined;
  const words = changes.length === 1 ? "1 change" : `${changes.length} changes`;
  return markup`<details><summary>${words}</summary><ul>${changes.map((text) => markup`<li>${text}</li>`)}</ul></details>`;
}

type Features = NonNullable<RunModel["testbed"]>["features"];

function featureList(features: Features): Content {
  if (features.length === 0) return undefined;
  const absent = features.filter(({ present }) => !present);
  const missing = absent.length > 0 ? `; not there: ${absent.map(({ name }) => name).join(", ")}` : "";
  const rows = features.map(
    ({ name, present, evidence }) =>
      markup`<tr><th scope="row">${name}</th><td>${present ? "there" : "not there"}</td><td class="wraps">${evidence}</td></tr>`,
  );
  return markup`<details><summary><b>${features.length} features</b> looked for${missing}</summary>
<table><thead><tr><th scope="col">Feature</th><th scope="col">Found</th><th scope="col">By</th></tr></thead><tbody>${rows}</tbody></table></details>`;
}

function environment({ started, testbed }: RunModel): Html {
  const { host } = started;
  const memory = `${(host.memoryBytes / 2 ** 30).toFixed(1)} GiB`;
  return facts([
    ["cluster", testbed && `${testbed.cluster}: ${testbed.nodes.join(", ")}`],
    ["host", `${host.os}, kernel ${host.kernel}, ${host.cpus} CPUs, ${memory}, Node ${host.nodeVersion}`],
    ["plumbline", started.suiteVersion],
    ["suite digest", markup`<code>${started.suiteDigest}</code>`],
  ]);
}
