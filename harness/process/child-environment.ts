/** The environment of this process for a child of it, with some variables set. */
export function childEnvironment(set: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...set };
}
