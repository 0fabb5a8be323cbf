import type { Files } from './files.ts';
import type { Report } from './report.ts';

/** What reading a section needs beside its values. */
export interface Scope {
  readonly report: Report;
  readonly files: Files;
}
