/**
 * Compiles the batched UDP sockets with whatever C compiler there is; one call of it, no node-gyp, no python, no make.
 *
 *   node native/build.mjs             native/build/udp_batch.node, for this checkout; never fails an installation
 *   node native/build.mjs --prebuild  prebuilds/<platform>-<arch>/udp_batch.node, for the package; fails loudly
 *
 * Plain JavaScript, because `npm ci` may run it with any Node. CC and CFLAGS are respected.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';

const root = path.join(import.meta.dirname, '..');
const target = `${process.platform}-${process.arch}`;
/** The oldest C library that Node 24 runs on has 2.28; a prebuilt binary must not ask for more. */
const GLIBC_MINOR_MAX = 28;

const modes = {
  '': { directory: 'native/build', flags: ['-O2'], required: false },
  '--prebuild': { directory: `prebuilds/${target}`, flags: ['-O2', '-s'], required: true },
};

function runs(command) {
  try {
    return execFileSync(command, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split(
      '\n',
    )[0];
  } catch {
    return null;
  }
}

/** Node ships its headers beside its binary; distributions put them where they put everybody's. */
function findHeaders() {
  return [
    path.join(path.dirname(process.execPath), '../include/node'),
    path.join(root, `node_modules/node-${target}/include/node`),
    '/usr/include/node',
    '/usr/local/include/node',
  ].find((directory) => existsSync(path.join(directory, 'node_api.h')) && existsSync(path.join(directory, 'uv.h')));
}

/** @returns what is wrong with the compiled binary, or null. */
function findFault(binary, mode) {
  createRequire(import.meta.url)(binary);
  if (mode !== '--prebuild') return null;
  const minors = [...readFileSync(binary, 'latin1').matchAll(/GLIBC_2\.(\d+)/g)].map((match) => Number(match[1]));
  const newest = Math.max(...minors);
  return newest > GLIBC_MINOR_MAX ? `it needs glibc 2.${newest}, newer than 2.${GLIBC_MINOR_MAX}` : null;
}

/** @returns one line for people: what was built, or why nothing was. */
function build(mode) {
  const { directory, flags } = modes[mode];
  if (process.platform !== 'linux') return { built: false, line: `not built on ${process.platform}` };
  const compiler = [process.env.CC, 'cc', 'gcc', 'clang'].find((name) => name && runs(name));
  if (!compiler) return { built: false, line: 'not built, no C compiler found' };
  const headers = findHeaders();
  if (!headers) return { built: false, line: "not built, Node's headers not found" };

  const binary = path.join(root, directory, 'udp_batch.node');
  const unfinished = path.join(root, directory, `unfinished-${process.pid}.node`); // renamed when good: nobody loads half a file
  mkdirSync(path.dirname(binary), { recursive: true });
  const extra = (process.env.CFLAGS ?? '').split(' ').filter(Boolean);
  const warnings = ['-Wall', '-Wextra', '-Werror'].slice(0, modes[mode].required ? 3 : 2);
  const sources = ['batch.c', 'bind.c', 'slice.c', 'module.c'].map((file) => path.join(root, 'native', file));
  const args = ['-std=gnu11', '-fPIC', '-shared', '-fvisibility=hidden', ...warnings, ...flags, ...extra];
  try {
    execFileSync(compiler, [...args, '-I', headers, '-o', unfinished, ...sources], {
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    const fault = findFault(unfinished, mode);
    if (fault) return { built: false, line: `not usable: ${fault}` };
    renameSync(unfinished, binary);
    return { built: true, line: `built with ${runs(compiler)}: ${path.relative(root, binary)}` };
  } catch (error) {
    const lines = String(error.stderr ?? error.message).split('\n');
    const why = lines.find((line) => line.includes('error')) ?? lines[0];
    return { built: false, line: `not built, ${compiler} or its result failed: ${why}` };
  } finally {
    rmSync(unfinished, { force: true });
  }
}

const mode = process.argv[2] ?? '';
if (!(mode in modes)) throw new Error(`unknown mode ${mode}`);
const { built, line } = build(mode);
console.log(`batched UDP sockets: ${line}${built ? '' : '; UDP will go through node:dgram, which is slower'}`);
if (!built && modes[mode].required) process.exitCode = 1;
