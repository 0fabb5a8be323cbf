/** The C programs of the bench, compiled when their source has changed. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

const directory = path.join(import.meta.dirname, 'build');

/** @returns the path of the program; throws what the compiler said. */
export function compile(name: 'load' | 'echo' | 'churn'): string {
  const source = path.join(import.meta.dirname, 'c', `${name}.c`);
  const program = path.join(directory, name);
  if (existsSync(program) && statSync(program).mtimeMs > statSync(source).mtimeMs) return program;
  mkdirSync(directory, { recursive: true });
  const compiler = process.env.CC ?? 'cc';
  execFileSync(compiler, ['-O2', '-Wall', '-Wextra', '-std=gnu11', '-o', program, source], { stdio: 'inherit' });
  return program;
}
