/** The pages of the repository that people read, and what stands in them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

export interface Page {
  /** From the root of the repository: `docs/dns.md`. */
  readonly name: string;
  readonly text: string;
}

export const PAGES: readonly Page[] = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'],
  ...readdirSync(path.join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].map((name) => ({ name, text: readFileSync(path.join(ROOT, name), 'utf8') }));

/** The blocks of code in one of these languages. */
export function blocksOf({ text }: Page, ...languages: readonly string[]): readonly string[] {
  const pattern = new RegExp(`^\`\`\`(?:${languages.join('|')})\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...text.matchAll(pattern)].map(([, block = '']) => block);
}

/** The lines that run failoverd, each without the program's name, in words as a shell would split them. */
export function commandsOf(page: Page): readonly (readonly string[])[] {
  const lines = blocksOf(page, 'sh').flatMap((block) => block.split('\n'));
  return lines.flatMap((line) => {
    const command = /^(?:bin\/)?failoverd (.*)$/.exec(line)?.[1];
    return command === undefined ? [] : [wordsOf(command)];
  });
}

/** Ends at a comment, a pipe or a redirection. */
function wordsOf(command: string): readonly string[] {
  const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const end = words.findIndex((word) => /^[#|>&]/.test(word));
  return end < 0 ? words : words.slice(0, end);
}

/** The anchors of a page, made from its headings as GitHub makes them. */
export function anchorsOf({ text }: Page): ReadonlySet<string> {
  const withoutCode = text.replace(/^```[\s\S]*?^```$/gm, '');
  const headings = [...withoutCode.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_\- ]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
