import { readdirSync, readFileSync } from "node:fs";
import { packageFile } from "../core/package-root.ts";

/** A word that could stand there, and what it is. */
export interface Candidate {
  readonly value: string;
  readonly about?: string;
}

const FILES: readonly Candidate[] = [{ value: ":files" }];
const FOLDERS: readonly Candidate[] = [{ value: ":folders" }];

/**
 * What an option or an argument takes, by its name. A shell waits for it at each press of a key, so it is read as it
 * stands: no schema, no library for YAML, no other program.
 */
const VALUES: Readonly<Record<string, () => readonly Candidate[] | Promise<readonly Candidate[]>>> = {
  "--stack": () => namesIn("stacks"),
  "--profile": () => namesIn("profiles"),
  "--case": cases,
  "--fault": () => namesIn("faults"),
  "--feature": features,
  "--layer": () => ["L0", "L1", "L2", "L3"].map((value) => ({ value })),
  "--name": clusters,
  "--config": () => FILES,
  "--kubeconfig": () => FILES,
  "--cluster": () => ["kind", "existing"].map((value) => ({ value })),
  "--matrix": () => FILES,
  "--times": () => FOLDERS,
  "--failed": () => FOLDERS,
  "--out": () => FOLDERS,
  what: () => [...codes(), ...cases()],
};

/** @param name of an option (`--stack`) or an argument (`what`); nothing is known of one that is not listed */
export async function valuesOf(name: string): Promise<readonly Candidate[]> {
  return (await VALUES[name]?.()) ?? [];
}

function namesIn(folder: string): readonly Candidate[] {
  const files = readdirSync(packageFile("fixtures", folder)).filter((file) => file.endsWith(".yaml"));
  // sorted without the ending, which would put NAME-more before NAME
  const names = files.map((file) => file.replace(/\.yaml$/, "")).toSorted();
  return names.map((value) => ({ value }));
}

interface IndexedCase {
  readonly id: string;
  readonly title: string;
  readonly features: readonly string[];
}

function index(): readonly IndexedCase[] {
  const text = readFileSync(packageFile("fixtures", "case-index.json"), "utf8");
  return (JSON.parse(text) as { cases: readonly IndexedCase[] }).cases;
}

function cases(): readonly Candidate[] {
  return index().map(({ id, title }) => ({ value: id, about: title }));
}

function features(): readonly Candidate[] {
  return [...new Set(index().flatMap((entry) => entry.features))].toSorted().map((value) => ({ value }));
}

function codes(): readonly Candidate[] {
  const text = readFileSync(packageFile("fixtures", "errors.yaml"), "utf8");
  return [...text.matchAll(/^ +- code: ((?:PL|SKIP)_\w+)$/gm)].map(([, value = ""]) => ({ value }));
}

async function clusters(): Promise<readonly Candidate[]> {
  const { claimedNames } = await import("../cluster/claim.ts");
  return claimedNames().map((value) => ({ value }));
}
