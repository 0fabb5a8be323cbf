/** The files that a config names: read once each, when it is loaded, and looked at whether they are what they should be. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Refusal, refuse } from './refusal.ts';

const BEGIN_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

export class Files {
  readonly #folder: string;
  readonly #read = new Map<string, string | Refusal>();

  /** @param folder what relative paths are relative to: the config's own. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** One secret in a text file, without the line end that editors leave. */
  token(path: string): string | Refusal {
    return this.#once('token', path, (text) => {
      const token = text.replace(/\r?\n$/, '');
      return token === '' ? refuse('is empty') : token;
    });
  }

  /** PEM text of one or more certificates. */
  certificates(path: string): string | Refusal {
    return this.#once('certificates', path, (text) => {
      const blocks = text.match(BEGIN_CERTIFICATE) ?? [];
      const valid = blocks.length > 0 && blocks.every((block) => parses(() => new X509Certificate(block)));
      return valid ? text : refuse('holds no valid PEM certificate');
    });
  }

  /** PEM text of a private key without a passphrase. */
  privateKey(path: string): string | Refusal {
    return this.#once('key', path, (text) => {
      if (parses(() => createPrivateKey(text))) return text;
      const encrypted = text.includes('ENCRYPTED');
      return refuse(encrypted ? 'holds an encrypted key' : 'holds no valid PEM private key');
    });
  }

  #once(kind: string, path: string, accept: (text: string) => string | Refusal): string | Refusal {
    const id = `${kind}:${path}`;
    const known = this.#read.get(id);
    if (known !== undefined) return known;
    const text = readText(resolve(this.#folder, path));
    const result = text instanceof Refusal ? text : accept(text);
    this.#read.set(id, result);
    return result;
  }
}

/** Whether the key is the one that the (first) certificate is for. */
export function keyFits(certificatePem: string, keyPem: string): boolean {
  return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem));
}

function readText(absolute: string): string | Refusal {
  try {
    return readFileSync(absolute, 'utf8');
  } catch (error) {
    return refuse(`cannot be read: ${whyUnreadable(error)}`);
  }
}

/** The reason of a failed file operation, in words; an unforeseen one by its code. */
export function whyUnreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'no such file',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
    ENOTDIR: 'no such folder',
  };
  return words[code] ?? code;
}

function parses(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}
