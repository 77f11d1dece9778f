import { z } from "zod";
import { packageFile } from "../core/package-root.ts";
import { readFixture } from "../core/read-fixture.ts";

/** Names of the features that detectors look for, and what each means. @throws PlumblineError PL_FIXTURE */
export function loadFeatures(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(readFixture(z.record(z.string(), z.string()), packageFile("fixtures", "features.yaml"))),
  );
}
