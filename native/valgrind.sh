#!/bin/sh
# Leaks and stray accesses of the addon, as valgrind sees them: npm run test:valgrind
# 10^6 datagrams, 1,000 sockets opened and closed, workers ended with a socket open. Node's own allocations are not judged:
# what counts is any error or lost block with the addon in its stack.
set -eu
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
node native/build.mjs
# Undefined values are not followed: V8 looks for pointers on its stacks, which is undefined by design.
valgrind --undef-value-errors=no --leak-check=full --show-leak-kinds=definite,indirect,possible --log-file="$log" \
  node test/helpers/udp-leaks.ts "${DATAGRAMS:-1000000}" "${OPENS:-1000}"
grep 'definitely lost' "$log"
if grep -B 20 udp_batch.node "$log"; then
  echo 'valgrind: the addon is in the stacks above' >&2
  exit 1
fi
echo 'valgrind: nothing of the addon'
