import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { homeDir } from "../core/state-dir.ts";
import { listContainersByName, removeContainer } from "../docker/docker-container.ts";

/** Containers in which layers are made bear this and the id of the process that made them. */
export const BUILD_CONTAINER_PREFIX = "plumbline-build-";

/**
 * Removes what a killed build has left: containers, half-made binaries and archives. Those of a living process stay.
 * @returns the names of what was removed
 */
export async function removeBuildLeftovers(signal?: AbortSignal): Promise<string[]> {
  const containers = (await listContainersByName(`^/?${BUILD_CONTAINER_PREFIX}`, { signal })).filter((name) =>
    isOrphan(name, /-build-(\d+)-\d+$/),
  );
  for (const name of containers) await removeContainer(name, { signal });
  const work = homeDir("cache", "work");
  const archives = await removeOrphans(work, /\.(\d+)$/);
  const layers = await removeOrphans(work, /^plumbline-build-(\d+)-\d+\.tar$/);
  const binaries = await removeOrphans(homeDir("cache", "binaries"), /^[0-9a-f]{64}\.(\d+)$/);
  const roots = await removeOrphans(homeDir("cache", "roots"), /\.tar\.(\d+)\.tar$/);
  return [...containers, ...archives, ...layers, ...binaries, ...roots];
}

async function removeOrphans(folder: string, pattern: RegExp): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => isOrphan(name, pattern));
  for (const name of names) await rm(path.join(folder, name), { recursive: true, force: true });
  return names;
}

/** Whether a name carries the id of a process that has ended. @param pattern whose first group is that id */
export function isOrphan(name: string, pattern: RegExp): boolean {
  const pid = pattern.exec(name)?.[1];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    // EPERM: it lives, and is somebody else's
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
