import { dockerTransport } from "../harness/nodes/docker-transport.ts";
import { readNodeState } from "../harness/nodes/read-state.ts";
import { figureLine } from "./figures.ts";

// npm run bench:state NODE: the network state of an idle node, 20 times, through docker exec.
const [node] = process.argv.slice(2);
if (node === undefined) throw new Error("name a node, such as the container of a kind worker");
const timesMs: number[] = [];
for (let i = 0; i < 20; i++) {
  const beganAtMs = performance.now();
  await readNodeState(dockerTransport(node), { timeoutMs: 20_000 });
  timesMs.push(performance.now() - beganAtMs);
}
console.log(figureLine(`state of ${node}`, timesMs, 400));
