import path from "node:path";
import { z } from "zod";
import { usageError } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";
import { nearestName } from "../core/nearest-name.ts";
import { fixtureFiles, readFixture } from "../core/read-fixture.ts";

const ids = z.array(z.string()).readonly();
const profileSchema = z.strictObject({
  /** One sentence for `plumbline list`. */
  summary: z.string(),
  /** Cases without which the profile is not conformant. */
  core: ids,
  extended: ids,
});

/** A named set of cases. Whether a case is core is said here and nowhere else. */
export interface Profile {
  readonly name: string;
  readonly summary: string;
  readonly core: readonly string[];
  readonly extended: readonly string[];
}

/** All profiles of fixtures/profiles, named after their files. @throws PlumblineError PL_FIXTURE */
export function loadProfiles(dir: string = packageFile("fixtures", "profiles")): ReadonlyMap<string, Profile> {
  return new Map(fixtureFiles(dir).map(readProfile));
}

function readProfile(file: string): [string, Profile] {
  const name = path.basename(file, ".yaml");
  return [name, { name, ...readFixture(profileSchema, file) }];
}

/** The profile of this name, letter case ignored. @throws PlumblineError PL_PROFILE_UNKNOWN with the nearest name */
export function profileNamed(name: string, profiles: ReadonlyMap<string, Profile>): Profile {
  const wanted = name.toLowerCase();
  const profile = [...profiles.values()].find((candidate) => candidate.name.toLowerCase() === wanted);
  if (profile) return profile;
  const nearest = nearestName(name, profiles.keys());
  throw usageError("PL_PROFILE_UNKNOWN", `there is no profile ${JSON.stringify(name)}`, {
    hint: nearest ? `did you mean ${nearest}?` : `profiles: ${[...profiles.keys()].join(", ")}`,
    context: { setting: "profile", value: name },
  });
}
