import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";
import { packageFile, packageRoot } from "../harness/core/package-root.ts";

/** What is loaded by its path: the program, lanes, what suites are written with, and the suites themselves. */
const ENTRIES = ["harness/cli/main.ts", "harness/run/lane-main.ts", "harness/testkit/index.ts", "suites/**/*.suite.ts"];
const BENCH_ENTRIES = ["bench/no-op.ts", "bench/*.suite.ts"];

/**
 * What stays a package of its own: what suites of users import as well and must be the same for both, what brings files or
 * programs, and what is large and rarely needed.
 */
const EXTERNAL = ["chai", "mocha", "esbuild", "@kubernetes/client-node", "testcontainers", "cpu-features", "*.node"];

/**
 * What the Docker client loads for ways that are never gone here: Docker over SSH, and sessions of BuildKit. The way is
 * always a socket of this host. It would take longer to load than all of the rest of it.
 */
const NEVER_ASKED: Plugin = {
  name: "never asked",
  setup(bundle) {
    // read by esbuild, which is written in Go
    const filter = /^(ssh2|@grpc\/grpc-js|@grpc\/proto-loader|protobufjs)$/;
    bundle.onResolve({ filter }, ({ path: wanted, importer }) =>
      /node_modules\/(dockerode|docker-modem)\//u.test(importer)
        ? { path: wanted, namespace: "never-asked" }
        : undefined,
    );
    bundle.onLoad({ filter: /.*/, namespace: "never-asked" }, () => ({ contents: "module.exports = {};" }));
  },
};

/** Modules in CommonJS ask for those of Node.js by `require`, which a module of the other kind does not have. */
const BANNER = `import { createRequire as plumblineRequire } from "node:module";
const require = plumblineRequire(import.meta.url);`;

/** Name of the file that tells which sources each file was made of. */
const META = "meta.json";

/**
 * Makes the program out of the sources and most of the packages that they import: a few files in place of a thousand, which
 * a process finds, reads and compiles in a third of the time. What the entries share is shared by them here too.
 */
export async function bundleProgram(outDir: string, options: { readonly bench?: boolean } = {}): Promise<void> {
  for (const folder of ["harness", "suites", "reports", "bench", "chunks"]) {
    rmSync(path.join(outDir, folder), { recursive: true, force: true });
  }
  const { metafile } = await build({
    absWorkingDir: packageRoot,
    entryPoints: [...ENTRIES, ...(options.bench ? BENCH_ENTRIES : [])],
    outbase: ".",
    outdir: outDir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    chunkNames: "chunks/[name]-[hash]",
    external: EXTERNAL,
    plugins: [NEVER_ASKED],
    banner: { js: BANNER },
    sourcemap: true,
    sourcesContent: false,
    // names are part of stack traces
    keepNames: true,
    metafile: true,
    logLevel: "warning",
  });
  writeFileSync(path.join(outDir, META), JSON.stringify(metafile));
  writeFileSync(path.join(outDir, "THIRD-PARTY.txt"), licenses(metafile));
}

/** The sources that some files were made of, relative to the package; files that the build did not make as they are. */
export function sourcesOf(outDir: string, files: readonly string[]): readonly string[] {
  const { outputs } = JSON.parse(readFileSync(path.join(outDir, META), "utf8")) as Metafile;
  const made = new Map(Object.entries(outputs).map(([file, { inputs }]) => [packageFile(file), inputs]));
  return files.flatMap((file) => {
    const inputs = made.get(file);
    if (!inputs) return [path.relative(packageRoot, file)];
    return Object.keys(inputs).filter((input) => (inputs[input]?.bytesInOutput ?? 0) > 0);
  });
}

/** The licenses of the packages that are part of the program. */
function licenses({ outputs }: Metafile): string {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const folders = new Set(
    inputs.flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/u.exec(input)?.[0] ?? []),
  );
  return [...folders]
    .toSorted()
    .map(licenseOf)
    .join(`\n${"-".repeat(72)}\n\n`);
}

function licenseOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(packageFile(folder, "package.json"), "utf8")) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const files = readdirSync(packageFile(folder)).filter((file) => /^(licen[cs]e|copying|notice)/iu.test(file));
  const texts = files.map((file) => readFileSync(packageFile(folder, file), "utf8").trim());
  return [`${name} ${version} (${license ?? "see its text"})`, ...texts, ""].join("\n\n");
}
