/** The section `log`. */
import { oneOf, section } from './values.ts';

export const logSchema = section({
  level: oneOf('debug', 'info', 'warn', 'error').default('info'),
  /** auto: pretty on a terminal, else JSON. */
  format: oneOf('auto', 'pretty', 'json').default('auto'),
}).prefault({});
