// Who may import whom; see "The house" in ARCHITECTURE.md. `npm run check:direction` runs it.

/** The rooms of harness/, top floor first: each may import those before it in this list and none after it. */
const ROOMS = [
  "core",
  "net",
  "config",
  "process",
  "host",
  "docker",
  "kube",
  "nodes",
  "images",
  "cluster",
  "stack",
  "plan",
  "results",
  "verdicts",
  "testkit",
  "run",
  "cli",
];

/** Each third-party client has one home, so that its faults are wrapped once. */
const HOMES = {
  execa: ["process"],
  "@kubernetes/client-node": ["kube"],
  undici: ["kube"],
  dockerode: ["docker"],
  testcontainers: ["docker"],
  commander: ["cli"],
  mocha: ["run", "testkit"],
  esbuild: ["images"],
};

/** Loaded by path or by a tool, so nothing imports them. */
const LOADED_BY_PATH = [
  "^suites/",
  "^tools/",
  "^bench/",
  "^test/",
  "\\.test(-support)?\\.ts$",
  "^harness/cli/main\\.ts$",
  "^device-plugin/main\\.ts$",
  "^harness/run/lane-main\\.ts$",
  "^reports/html/assets/",
];

const rooms = (names) => `^harness/(${names.join("|")})/`;
const escaped = (text) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");

const roomRules = ROOMS.slice(0, -1).map((room, index) => ({
  name: `room-${room}`,
  comment: `harness/${room} knows nothing of the rooms below it`,
  severity: "error",
  from: { path: rooms([room]) },
  to: { path: rooms(ROOMS.slice(index + 1)) },
}));

const homeRules = Object.entries(HOMES).map(([name, homes]) => ({
  name: `home-of-${name}`,
  comment: `only harness/${homes.join(", harness/")} may use ${name}`,
  severity: "error",
  from: { path: "^(harness|suites|reports)/", pathNot: [rooms(homes), "\\.test(-support)?\\.ts$"] },
  to: { path: `^node_modules/(@types/)?${escaped(name)}/` },
}));

const forbidden = [
  ...roomRules,
  ...homeRules,
  {
    name: "rooms-are-listed",
    comment: "a new room must be given its floor in .dependency-cruiser.mjs and in ARCHITECTURE.md",
    severity: "error",
    from: {},
    to: { path: "^harness/", pathNot: rooms(ROOMS) },
  },
  {
    name: "harness-stands-alone",
    comment: "the harness loads suites by path, and only cli/ calls the reports",
    severity: "error",
    from: { path: "^harness/", pathNot: rooms(["cli"]) },
    to: { path: "^(suites|reports|test|tools|bench)/" },
  },
  {
    name: "cli-imports-no-suite",
    comment: "suites are loaded by path, in lanes",
    severity: "error",
    from: { path: rooms(["cli"]) },
    to: { path: "^(suites|test|tools|bench)/" },
  },
  {
    name: "suites-use-the-front-door",
    comment: "suites import the testkit's index and Chai alone, as a suite of a user would",
    severity: "error",
    from: { path: "^suites/" },
    to: { pathNot: ["^suites/", "^harness/testkit/index\\.ts$", "^node_modules/(@types/)?chai/"] },
  },
  {
    name: "reports-read-the-record",
    comment: "a report can be made from a record later and elsewhere",
    severity: "error",
    from: { path: "^reports/" },
    to: { path: "^(harness|suites|test|tools|bench)/", pathNot: rooms(["core", "results", "process"]) },
  },
  {
    name: "device-plugin-stands-alone",
    comment: "it runs in a pod, as one small file",
    severity: "error",
    from: { path: "^device-plugin/" },
    to: { path: "^(harness|suites|reports|test|tools|bench)/" },
  },
  {
    name: "device-plugin-is-not-imported",
    comment: "what is said to it goes through files and sockets of a node",
    severity: "error",
    from: { path: "^(harness|suites|reports|test|tools|bench)/" },
    to: { path: "^device-plugin/" },
  },
  {
    name: "home-of-grpc",
    comment: "only device-plugin speaks gRPC",
    severity: "error",
    from: { path: "^(harness|suites|reports|test|tools|bench)/" },
    to: { path: "^node_modules/@grpc/" },
  },
  {
    name: "pure-rooms",
    comment: "net and verdicts compute; they do no I/O",
    severity: "error",
    from: { path: rooms(["net", "verdicts"]), pathNot: "\\.test(-support)?\\.ts$" },
    to: { dependencyTypes: ["core"], pathNot: "^(node:)?net$" },
  },
  {
    name: "no-child-process",
    comment: "processes are started by process/, and lanes by run/",
    severity: "error",
    from: {
      path: "^(device-plugin|harness|suites|reports)/",
      pathNot: [rooms(["process", "run"]), "\\.test(-support)?\\.ts$"],
    },
    to: { path: "^(node:)?child_process$" },
  },
  { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
  {
    name: "no-orphans",
    comment: "nothing imports it and it imports nothing",
    severity: "error",
    from: { orphan: true, pathNot: LOADED_BY_PATH },
    to: {},
  },
  {
    name: "no-dev-package",
    comment: "what is shipped must not need a dev dependency",
    severity: "error",
    from: { path: "^(device-plugin|harness|suites|reports)/", pathNot: "\\.test(-support)?\\.ts$" },
    to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"], pathNot: "^node_modules/@types/" },
  },
  {
    name: "no-undeclared-package",
    comment: "package.json must name it",
    severity: "error",
    from: {},
    to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
  },
  { name: "everything-resolves", severity: "error", from: {}, to: { couldNotResolve: true } },
];

export default {
  forbidden,
  options: {
    // A type-only import is a dependency, too.
    tsPreCompilationDeps: true,
    doNotFollow: { path: "^node_modules/" },
    exclude: { path: "^(dist|out|test/example-suite)/" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "node", "default"] },
  },
};
