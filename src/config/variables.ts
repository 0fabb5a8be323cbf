/**
 * `${NAME}` in values stands for an environment variable, `$${` for the text `${`. Values are filled in after the YAML was
 * parsed, so that every place stays right and nothing in a variable can become a key, a list or a comment.
 */

/** The environment, as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

// A plain scalar within {…} ends at a brace, so that `{secret: ${KEY}}` would not be YAML. While it is parsed, two
// characters of the private use area stand for the braces: same length, so that the columns stay right.
const OPEN = '\uE000';
const CLOSE = '\uE001';
const WRITTEN = /\$\{([^{}\n]*)\}/g;
const MASKED = /(\$?)\$(?:\uE000([^\uE000\uE001]*)\uE001|\{)/g;

/** Hides the braces of every `${…}` from the YAML parser. */
export function maskVariables(text: string): string {
  return text.replace(WRITTEN, (_, name: string) => `$${OPEN}${name}${CLOSE}`);
}

/** The text as it was written. */
export function unmask(text: string): string {
  return text.includes(OPEN) ? text.replaceAll(OPEN, '{').replaceAll(CLOSE, '}') : text;
}

/** What happens while variables are filled in. */
export interface FillEvents {
  onValue(name: string, value: string): void;
  /** Called with one sentence for each that cannot be filled in. */
  onProblem(message: string): void;
}

export function fillIn(text: string, env: Environment, { onValue, onProblem }: FillEvents): string {
  return text.replace(MASKED, (written: string, dollar: string, name: string | undefined) => {
    if (dollar !== '') return unmask(written.slice(1));
    const value = name === undefined ? undefined : env[name];
    if (name === undefined) onProblem(`"\${" without "}": write \${NAME}, or $\${ for the text \${`);
    else if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      onProblem(`"\${${name}}" is not a variable: write \${NAME}, or $\${ for the text \${`);
    } else if (value === undefined) onProblem(`environment variable ${name} is not set`);
    else onValue(name, value);
    return value ?? '';
  });
}
