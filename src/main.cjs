// The first line that any Node reads: written for the oldest one, so that it can be refused in words. It runs under two names:
// src/main.ts is a link to this file, because a Node that cannot load .ts follows the link and loads this instead;
// compiled, it is dist/main.js. Everything else is in cli/main.ts.
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `failoverd: Node ${process.versions.node} is too old, 24 or newer is needed (this is ${process.execPath})`,
  );
  process.exitCode = 1;
} else {
  import('./cli/main.ts');
}
