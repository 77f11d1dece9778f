import type { GoModuleRecipe } from "./recipe.ts";

/**
 * The go.mod of a module of our own that requires the wanted one, so that it is built with the very versions its own go.mod
 * pins. Go honours replacements of the main module only, hence the wanted module's ones are repeated here, and its `go` and
 * `godebug` lines too, since they set the runtime's defaults.
 * @param goMod text of the wanted module's go.mod
 */
export function wrapperGoMod(recipe: GoModuleRecipe, goMod: string): string {
  const wanted = new Set(directives(goMod, "require").map((rest) => rest.split(/\s/)[0]));
  const replacements = directives(goMod, "replace").map((rest) => replacementOf(recipe, rest));
  const lines = [
    `module plumbline.invalid/build/${recipe.name}`,
    ...directives(goMod, "go").map((rest) => `go ${rest}`),
    ...directives(goMod, "godebug").map((rest) => `godebug ${rest}`),
    `require ${recipe.module} ${recipe.version}`,
    ...Object.entries(recipe.raise).map(([module, version]) => `require ${module} ${version}`),
    ...replacements.flatMap(({ module, published }) =>
      published && wanted.has(module) ? [`require ${published}`] : [],
    ),
    ...replacements.flatMap(({ line }) => (line === undefined ? [] : [`replace ${line}`])),
    ...(recipe.folder === undefined ? [] : [`replace ${recipe.module} => ${recipe.folder}`]),
  ];
  return `${lines.join("\n")}\n`;
}

/**
 * A main package that calls `Run` of one package and has others linked in, which register themselves.
 * @param main `run`: path of the package with `Run`; `imports`: paths of the others
 */
export function mainPackage(main: { readonly run: string; readonly imports: readonly string[] }): string {
  const lines = [
    "package main",
    "",
    "import (",
    `\trun "${main.run}"`,
    ...main.imports.map((path) => `\t_ "${path}"`),
    ")",
    "",
    "func main() { run.Run() }",
  ];
  return `${lines.join("\n")}\n`;
}

/** What follows a directive in a go.mod, in a line of its own or in a block; comments are dropped. */
export function directives(goMod: string, name: string): string[] {
  const found: string[] = [];
  let inBlock = false;
  for (const raw of goMod.split("\n")) {
    const line = raw.replace(/\/\/.*$/, "").trim();
    if (inBlock) {
      if (line === ")") inBlock = false;
      else if (line !== "") found.push(line);
    } else if (line === `${name} (`) {
      inBlock = true;
    } else if (line.startsWith(`${name} `)) {
      found.push(line.slice(name.length + 1).trim());
    }
  }
  return found;
}

interface Replacement {
  readonly module: string;
  /** What our go.mod says; nothing where the version that is required anyway serves. */
  readonly line?: string;
  /** Module and version that take the place of a folder. */
  readonly published?: string;
}

function replacementOf(recipe: GoModuleRecipe, rest: string): Replacement {
  const [from = "", to = ""] = rest.split("=>").map((side) => side.trim());
  const module = from.split(/\s/)[0] ?? from;
  if (!to.startsWith(".")) return { line: rest, module };
  // A folder of the module's repository, which its own zip does not hold; such modules are published by themselves.
  if (recipe.folderReplacements === undefined) return { module };
  // They are required too, so that programs tell that version of themselves and not v0.0.0.
  const published = `${module} ${recipe.folderReplacements}`;
  return { line: `${module} => ${published}`, module, published };
}
