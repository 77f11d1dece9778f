import { rmSync } from "node:fs";
import { packageFile } from "../harness/core/package-root.ts";
import { run } from "../harness/process/run.ts";
import { bundleProgram } from "./bundle.ts";

// npm run build: the program into dist/, and the types of what suites are written with. With `--bench`: the benchmarks too.
const dist = packageFile("dist");
rmSync(dist, { recursive: true, force: true });
await bundleProgram(dist, { bench: process.argv.includes("--bench") });
const tsc = packageFile("node_modules", "typescript7", "bin", "tsc");
await run(process.execPath, [tsc, "--project", packageFile("tsconfig.build.json")], { timeoutMs: 300_000 });
