// Run by progress.test.ts on a terminal and on a pipe: shows what the real progress makes of phases.
import { setTimeout as delay } from "node:timers/promises";
import { createContext, endProcess } from "../../harness/cli/context.ts";

const progress = createContext({}).progress();
const cluster = progress.phase("cluster");
const nodes = cluster.phase("nodes");
nodes.update("1 of 2 ready");
await delay(250);
progress.note("something by the way");
nodes.done("2 ready");
cluster.phase("images").skip("cached");
cluster.done();
progress.phase("stack").fail("multus is not ready");
endProcess(0);
