// A device plugin for VFs: `node device-plugin.cjs CONFIG.json`. It runs in a pod, so it needs nothing of the harness.
import { loadConfig } from "./config.ts";
import { Plugin, type Tell } from "./plugin.ts";

const tell: Tell = (event, facts = {}) => {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), event, ...facts })}\n`);
};

async function main(file: string | undefined): Promise<void> {
  if (file === undefined) throw new Error("usage: device-plugin CONFIG.json");
  const plugin = new Plugin(await loadConfig(file), tell);
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      tell("stopping", { signal });
      void plugin.stop();
    });
  }
  await plugin.start();
}

// no top-level await: the image has it as one CommonJS file
main(process.argv[2]).catch((error: unknown) => {
  tell("failed", { why: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
});
