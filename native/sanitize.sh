#!/bin/sh
# The tests of the UDP sockets and a fuzz run, with the addon compiled for AddressSanitizer and UBSan: npm run test:sanitize
# They run in a copy of the checkout, where that build takes the ordinary one's place. DATAGRAMS and SEED say how far it goes.
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp -r native src test bench package.json "$scratch"
rm -rf "$scratch/native/build"
ln -s "$PWD/node_modules" "$scratch/node_modules"
cd "$scratch"

LD_PRELOAD=$(cc -print-file-name=libasan.so)
export LD_PRELOAD
export ASAN_OPTIONS=detect_leaks=0 # of Node itself; see valgrind.sh
CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined' node native/build.mjs
test -f native/build/udp_batch.node
node test/dns/udp-socket.test.ts
node test/dns/udp-batched.test.ts
node test/helpers/udp-fuzz.ts batched "${DATAGRAMS:-200000}" "${SEED:-$(date +%s)}"
echo 'sanitizers: nothing found'
