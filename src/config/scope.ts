import type { Endpoints } from './endpoint.ts';
import type { Files } from './files.ts';
import type { Report } from './report.ts';
import type { Shared } from './shared.ts';

/** What reading a section needs beside its values. */
export interface Scope {
  readonly report: Report;
  readonly files: Files;
  readonly endpoints: Endpoints;
  /** For whatever many records say in the same words. */
  readonly shared: Shared;
}
