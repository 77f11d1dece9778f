/** The environment of this process for a child of it, with some variables set. */
export function childEnvironment(set: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...set };
}

/** What is given as a child's own environment so that nothing of this process' is in it: `undefined` removes a name. */
export function onlyEnvironment(
  wanted: Readonly<Record<string, string>>,
): Readonly<Record<string, string | undefined>> {
  return { ...Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined])), ...wanted };
}
