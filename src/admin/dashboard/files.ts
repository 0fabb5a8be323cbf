/** The dashboard's files: read and compressed once, when failoverd starts, and served from memory. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ContentResponse, Request, Route } from '../route.ts';

const PUBLIC = path.join(import.meta.dirname, 'public');
/** What a dependency brings, under the name by which the page loads it. */
const VENDORED = { 'uplot.js': 'uplot/dist/uPlot.iife.min.js', 'uplot.css': 'uplot/dist/uPlot.min.css' };

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Nothing comes from elsewhere, nothing is inline, no text becomes markup, and no other page shows this one in a frame. */
const SECURITY_HEADERS = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** One file in both of its representations (RFC 9110 §8.4). */
export interface DashboardFile {
  /** `/`, `/dashboard/main.js` */
  readonly path: string;
  readonly type: string;
  readonly plain: Representation;
  readonly gzipped: Representation;
}

interface Representation {
  readonly content: Buffer;
  readonly etag: string;
}

/** @throws when a file of the installation is missing */
export async function loadDashboard(): Promise<readonly DashboardFile[]> {
  const names = (await readdir(PUBLIC, { recursive: true })).filter((name) => path.extname(name) !== '');
  const own = names.map((name) => loadFile(name.replaceAll(path.sep, '/'), path.join(PUBLIC, name)));
  const vendored = Object.entries(VENDORED).map(([name, from]) =>
    loadFile(name, fileURLToPath(import.meta.resolve(from))),
  );
  return Promise.all([...own, ...vendored]);
}

async function loadFile(name: string, file: string): Promise<DashboardFile> {
  const type = MEDIA_TYPES[path.extname(name)];
  if (type === undefined) throw new Error(`the dashboard has a file of no known type: ${file}`);
  const content = await readFile(file);
  const hash = createHash('sha256').update(content).digest('base64url').slice(0, 22);
  return {
    path: name === 'index.html' ? '/' : `/dashboard/${name}`,
    type,
    plain: { content, etag: `"${hash}"` },
    gzipped: { content: await promisify(gzip)(content, { level: 9 }), etag: `"${hash}-gzip"` },
  };
}

/** A route for each file; there is no path that could lead elsewhere. They say nothing about the service, so none needs a token. */
export function fileRoutes(files: readonly DashboardFile[]): readonly Route[] {
  return files.map((file) => ({
    method: 'GET',
    path: file.path,
    access: 'open',
    doc: null,
    handle: async ({ headers }) => answer(file, headers),
  }));
}

/** Always asked for again, and answered with 304 as long as it is the same (RFC 9110 §13.1.2). */
function answer({ type, plain, gzipped }: DashboardFile, headers: Request['headers']): ContentResponse {
  const { content, etag } = takesGzip(String(headers['accept-encoding'] ?? '')) ? gzipped : plain;
  const common = { ...SECURITY_HEADERS, ETag: etag, 'Cache-Control': 'no-cache', Vary: 'Accept-Encoding' };
  if (isKnown(String(headers['if-none-match'] ?? ''), etag)) {
    return { status: 304, type, content: '', headers: { ...common, 'Content-Length': String(content.length) } };
  }
  const encoding = etag === gzipped.etag ? { 'Content-Encoding': 'gzip' } : {};
  return { status: 200, type, content, headers: { ...common, ...encoding } };
}

function takesGzip(acceptEncoding: string): boolean {
  return acceptEncoding.split(',').some((coding) => /^\s*gzip\s*(;\s*q=(1|0\.\d*[1-9])\d*)?\s*$/i.test(coding));
}

function isKnown(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag || tag.trim() === '*');
}
