interface Rule {
  readonly name: string;
  readonly pattern: RegExp;
  /** Which group is the secret; 0 is the whole match. */
  readonly group: number;
}

// In JSON and in Go's quoted strings line ends and quotes stand escaped, so both forms are matched.
const quote = String.raw`(?:\\*["'])?`;
const separator = String.raw`${quote}\s*[:=]\s*${quote}`;
const value = String.raw`(?!(?:true|false|null)\b)[^\s"'\\,;&{}[\]][^\s"'\\,;&}\]]*`;
/** Inside of quotes, or to the end of a line of YAML: blanks belong to it. */
const wholeValue = String.raw`(?!(?:true|false|null)\b)[^"'\\\n]+`;
/** `DB_PASS`, `MYSQL_PWD` and a key `pass`; not the working directory `PWD`, nor what is passed or bypassed. */
const SHORT = String.raw`(?<=[_-])(?:pass|pwd)(?![a-z])|(?<=["'])pass(?=\\*["'])`;
/** What names of secrets end with. */
const WORDS = String.raw`password|passwd|passphrase|secret|token|credentials?|(?:api|private|access|secret)[-_]?key|${SHORT}`;

/** Order matters: the longer forms come before what they contain. */
const RULES: readonly Rule[] = [
  rule(
    "private key",
    String.raw`-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)`,
  ),
  rule("certificate", String.raw`-----BEGIN CERTIFICATE-----[\s\S]*?(?:-----END CERTIFICATE-----|$)`),
  // base64 of a PEM block ("-----BEGIN") and of a JWT ("eyJ")
  rule("encoded key", String.raw`LS0tLS1CRUdJTi[A-Za-z0-9+/=]*`),
  rule("encoded token", String.raw`ZXlK[A-Za-z0-9+/=_-]{24,}`),
  rule("jwt", String.raw`eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`),
  rule("key data", String.raw`((?:client-key|client-certificate|certificate-authority)-data${separator})(${value})`, 2),
  rule("credentials", String.raw`\b(bearer\s+)([A-Za-z0-9._~+/-]{16,}=*)`, 2),
  rule("credentials", String.raw`(authorization${separator}(?:basic|bearer)\s+)([A-Za-z0-9._~+/-]+=*)`, 2),
  rule("password", String.raw`((?:${WORDS})${separator})(${value})`, 2),
  // an environment variable of a pod, in JSON, in JSON inside of a string, and in YAML
  rule(
    "variable",
    String.raw`(\bname${separator}[\w.-]{0,60}?(?:${WORDS})[\w.-]{0,20}${quote}\s*,?\s*${quote}value${separator})(${wholeValue})`,
    2,
  ),
  // an option and its value: as typed, and as two elements of a list
  rule("password", String.raw`(--[\w-]{0,40}?(?:${WORDS})\s+)(${value})`, 2),
  rule("password", String.raw`(--[\w-]{0,40}?(?:${WORDS})\\*["']\s*,\s*\\*["'])(${wholeValue})`, 2),
  rule("registry auth", String.raw`(\\*"auth\\*"\s*:\s*\\*")([A-Za-z0-9+/=]+)`, 2),
  rule("registry auth", String.raw`(\.docker(?:configjson|cfg)${separator})(${value})`, 2),
  // base64 of {"auths":
  rule("registry auth", String.raw`eyJhdXRocyI6[A-Za-z0-9+/=]*`),
  rule("password", String.raw`([a-z][a-z0-9+.-]{0,20}://[^\s/:@"']+:)([^\s/@"']+)(?=@)`, 2),
  // a bootstrap token of kubeadm
  rule("token", String.raw`\b(?=[a-z]*\d)[a-z0-9]{6}\.(?=[a-z]*\d)[a-z0-9]{16}\b`),
];

function rule(name: string, source: string, group = 0): Rule {
  return { name, pattern: new RegExp(source, "gi"), group };
}

/** Text without tokens, keys, certificates and passwords; each is replaced by what it was. */
export function redact(text: string): string {
  return replaceSecrets(text, (_, name) => `[redacted ${name}]`);
}

/** The same for bytes such as captures: each secret is overwritten in place, so that lengths and offsets stay. */
export function redactBytes(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  return Buffer.from(
    replaceSecrets(text, (secret) => "x".repeat(secret.length)),
    "latin1",
  );
}

/**
 * The same for every string in JSON data; `undefined` properties vanish. A string is a secret whole under a telling key, as
 * the value of a variable with a telling name, behind an option with one, and in a Secret.
 */
export function redactJson(data: unknown): unknown {
  if (typeof data === "string") return redact(data);
  if (Array.isArray(data)) return redactList(data);
  if (typeof data !== "object" || data === null) return data;
  const { name, kind } = data as { readonly name?: unknown; readonly kind?: unknown };
  const isVariable = typeof name === "string" && isSecretName(name);
  const entries = Object.entries(data).filter(([, v]) => v !== undefined);
  return Object.fromEntries(
    entries.map(([key, v]) => {
      if (typeof v === "string" && (isSecretKey(key) || (isVariable && key === "value"))) return [key, REDACTED];
      if (kind === "Secret" && (key === "data" || key === "stringData")) return [key, redactEach(v)];
      return [key, redactJson(v)];
    }),
  );
}

const REDACTED = "[redacted]";
const SECRET_KEY = new RegExp(
  String.raw`(?:${WORDS}|^pass|(?:client-key|client-certificate|certificate-authority)-data|\.docker(?:configjson|cfg)|^auth)$`,
  "i",
);
const SECRET_NAME = new RegExp(WORDS, "i");
const SECRET_OPTION = new RegExp(String.raw`^--?[\w-]*(?:${WORDS})$`, "i");

function redactList(list: readonly unknown[]): unknown[] {
  return list.map((item, i) => {
    const before: unknown = list[i - 1];
    const isBehindOption = typeof before === "string" && SECRET_OPTION.test(before);
    return isBehindOption && typeof item === "string" && !item.startsWith("-") ? REDACTED : redactJson(item);
  });
}

function redactEach(data: unknown): unknown {
  if (typeof data !== "object" || data === null) return REDACTED;
  return Object.fromEntries(Object.keys(data).map((key) => [key, REDACTED]));
}

function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key);
}

/** As `DB_PASSWORD` and `TOKEN_OF_CI`; of a file or a Secret's name nothing has to be hidden, which is worth less. */
function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

function replaceSecrets(text: string, substitute: (secret: string, name: string) => string): string {
  return RULES.reduce(
    (done, { pattern, name, group }) =>
      done.replace(pattern, (...match: unknown[]) => {
        const whole = String(match[0]);
        if (group === 0) return substitute(whole, name);
        const before = String(match[1]);
        const secret = String(match[group]);
        return secret.startsWith("[redacted") ? whole : before + substitute(secret, name);
      }),
    text,
  );
}
