import ts from "typescript";
import type { CaseClaim } from "../harness/plan/case-claims.ts";

/**
 * What the cases of a suite claim, read from its source: a claim is a call of `claim(name, check)` in the body of a case, or
 * in the function of the same file that several cases have as their body or that makes it, and what it looks at is told by
 * the messages of the assertions in `check`. A text that such a function is called with stands where it is used.
 * @param text source of a suite
 * @returns claims by case id, in the order of the source
 */
export function claimsOfSuite(text: string): ReadonlyMap<string, readonly CaseClaim[]> {
  const source = ts.createSourceFile("suite.ts", text, ts.ScriptTarget.Latest, true);
  const found = new Map<string, readonly CaseClaim[]>();
  for (const {
    arguments: [definition, body],
  } of callsOf(source, "testCase")) {
    const id = definition && idOf(definition);
    if (id === undefined || !body)
      throw new Error(`a call of testCase() has no id that can be read: ${definition?.getText()}`);
    const shared = sharedBody(body);
    const given = shared ? textsGiven(shared, body) : new Map();
    found.set(id, merged(callsOf(shared ?? body, "claim").map((call) => claimOf(call, given))));
  }
  return found;
}

/** The function of the file that is given in place of a body, by its name or by a call of it. */
function sharedBody(body: ts.Expression): ts.FunctionDeclaration | undefined {
  const named = ts.isCallExpression(body) ? body.expression : body;
  if (!ts.isIdentifier(named)) return undefined;
  return body
    .getSourceFile()
    .statements.filter(ts.isFunctionDeclaration)
    .find(({ name }) => name?.text === named.text);
}

/** Texts by the names of the parameters that they are given for. */
type Texts = ReadonlyMap<string, string>;

function textsGiven({ parameters }: ts.FunctionDeclaration, body: ts.Expression): Texts {
  const values = ts.isCallExpression(body) ? body.arguments : [];
  return new Map(
    parameters.flatMap(({ name }, i) => {
      const value = values[i];
      return value && ts.isStringLiteralLike(value) ? [[name.getText(), value.text] as const] : [];
    }),
  );
}

/** All calls of this function below a node, outermost first; also as a member of what a case is given. */
function callsOf(node: ts.Node, name: string): readonly ts.CallExpression[] {
  const found: ts.CallExpression[] = [];
  const visit = (child: ts.Node): void => {
    if (ts.isCallExpression(child) && nameOfCalled(child) === name) found.push(child);
    ts.forEachChild(child, visit);
  };
  visit(node);
  return found;
}

function nameOfCalled({ expression }: ts.CallExpression): string | undefined {
  if (ts.isIdentifier(expression)) return expression.text;
  const isOfContext = ts.isPropertyAccessExpression(expression) && expression.expression.getText() === "context";
  return isOfContext ? expression.name.text : undefined;
}

function idOf(definition: ts.Expression): string | undefined {
  if (!ts.isObjectLiteralExpression(definition)) return undefined;
  const property = definition.properties.find((candidate) => candidate.name?.getText() === "id");
  const value = property && ts.isPropertyAssignment(property) ? property.initializer : undefined;
  return value && ts.isStringLiteralLike(value) ? value.text : undefined;
}

function claimOf({ arguments: [name, check] }: ts.CallExpression, given: Texts): CaseClaim {
  const looksAt = check ? callsOf(check, "expect").flatMap((call) => lookOf(call, given) ?? []) : [];
  return { assertion: (name && textOf(name, given)) ?? "...", looksAt: [...new Set(looksAt)] };
}

/** `what is looked at`, and after a colon what it must be where the source has that as a constant. */
function lookOf(call: ts.CallExpression, given: Texts): string | undefined {
  const [, message] = call.arguments;
  // what a program answered is shown after a colon
  const what = message && textOf(message, given)?.replace(/: \.\.\.$/, "");
  if (what === undefined || /^[. :]*$/.test(what)) return undefined;
  const wanted = expectationOf(call);
  return wanted === undefined ? what : `${what}: ${wanted}`;
}

/** The constant of `expect(...).to.equal(CONSTANT)` and the like. */
function expectationOf(call: ts.CallExpression): string | undefined {
  let words = "";
  let node: ts.Node = call;
  while (ts.isPropertyAccessExpression(node.parent)) {
    node = node.parent;
    words += ` ${(node as ts.PropertyAccessExpression).name.text}`;
  }
  const [value] = ts.isCallExpression(node.parent) ? node.parent.arguments : [];
  if (!value || !isConstant(value)) return undefined;
  const text = value.getText() === "[]" ? "none" : value.getText().replaceAll(/\s+/g, " ");
  const verb = words.replaceAll(/ (to|be|deep|that|an?)(?= )/g, "");
  if (verb === " equal") return text;
  if (verb !== " not equal") return undefined;
  return text === "none" ? "some" : `not ${text}`;
}

function isConstant(node: ts.Expression): boolean {
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isConstant);
  if (ts.isObjectLiteralExpression(node)) {
    return node.properties.every((property) => ts.isPropertyAssignment(property) && isConstant(property.initializer));
  }
  return (
    ts.isStringLiteral(node) ||
    ts.isNumericLiteral(node) ||
    [ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword, ts.SyntaxKind.NullKeyword].includes(node.kind)
  );
}

/** A text with its holes filled by what stands there in each run. Undefined for what is no text. */
function textOf(node: ts.Expression, given: Texts): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  const spans = node.templateSpans.map(({ expression, literal }) => `${holeOf(expression, given)}${literal.text}`);
  return `${node.head.text}${spans.join("")}`;
}

const HOLES: readonly (readonly [RegExp, string])[] = [
  [/^(testPod|pod|pods\.\w+)$/, "the pod"],
  [/\brange$/, "the network's range"],
  [/\bnode(\.name)?$/, "the node"],
  [/^target$/, "each target of a network's template"],
  [/\b(live|last|network)\??\.name$|\bnad$/, "the network"],
];

function holeOf(expression: ts.Expression, given: Texts): string {
  const text = ts.isIdentifier(expression) ? given.get(expression.text) : undefined;
  if (text !== undefined) return text;
  const constant = ts.isIdentifier(expression) ? constantNamed(expression.text, expression.getSourceFile()) : undefined;
  return constant ?? HOLES.find(([words]) => words.test(expression.getText()))?.[1] ?? "...";
}

/** The value of `const NAME = VALUE` at the top of the file, if it is a text or a number. */
function constantNamed(name: string, source: ts.SourceFile): string | undefined {
  const declared = source.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .find((declaration) => declaration.name.getText() === name)?.initializer;
  return declared && (ts.isStringLiteral(declared) || ts.isNumericLiteral(declared)) ? declared.text : undefined;
}

/** A claim that stands in several places of a case is one. */
function merged(claims: readonly CaseClaim[]): readonly CaseClaim[] {
  const names = [...new Set(claims.map(({ assertion }) => assertion))];
  return names.map((assertion) => {
    const looksAt = claims.filter((claim) => claim.assertion === assertion).flatMap((claim) => claim.looksAt);
    return { assertion, looksAt: [...new Set(looksAt)] };
  });
}
