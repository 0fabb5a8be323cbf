/** Parts of a config's text, as messages show them. */

/** In quotes, on one line, short. */
export function quote(text: string): string {
  return `"${shorten(text)}"`;
}

/** On one line, and no longer than a line. */
export function shorten(text: string): string {
  const line = text.replace(/\p{C}+/gu, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
