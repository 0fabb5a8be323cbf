/** undici's client and connector. Its index brings all the rest along, from fetch to WebSocket: 12 MiB. */
import { createRequire } from 'node:module';
import type undici from 'undici';

const require = createRequire(import.meta.url);

export const Client: typeof undici.Client = require('undici/lib/dispatcher/client.js');
export const buildConnector: typeof undici.buildConnector = require('undici/lib/core/connect.js');
