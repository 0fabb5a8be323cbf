import t from 'tap';
import { sipHash24, sipKey } from '../../src/dns/siphash.ts';

const bytes = (count: number) => Uint8Array.from({ length: count }, (_, i) => i);

/** `vectors_sip64` of the reference implementation: key 00…0f, message 00…, by the message's length. */
const VECTORS = `
310e0edd47db6f72 fd67dc93c539f874 5a4fa9d909806c0d 2d7efbd796666785 b7877127e09427cf 8da699cd64557618 cee3fe586e46c9cb
37d1018bf50002ab 6224939a79f5f593 b0e4a90bdf82009e f3b9dd94c5bb5d7a a7ad6b22462fb3f4 fbe50e86bc8f1e75 903d84c02756ea14
eef27a8e90ca23f7 e545be4961ca29a1 db9bc2577fcc2a3f 9447be2cf5e99a69 9cd38d96f0b3c14b bd6179a71dc96dbb 98eea21af25cd6be
c7673b2eb0cbf2d0 883ea3e395675393 c8ce5ccd8c030ca8 94af49f6c650adb8 eab8858ade92e1bc f315bb5bb835d817 adcf6b0763612e2f
a5c91da7acaa4dde 716595876650a2a6 28ef495c53a387ad 42c341d8fa92d832 ce7cf2722f512771`
  .trim()
  .split(/\s+/);

t.test('sipHash24() gives the reference implementation’s vectors', async (t) => {
  for (const [length, expected] of VECTORS.entries()) {
    const output = new Uint8Array(10);
    sipHash24(sipKey(bytes(16)), bytes(64), length, output, 1);
    t.equal(Buffer.from(output).toString('hex'), `00${expected}00`, `${length} octets`);
  }
});

t.test('sipKey() takes 16 octets and nothing else', async (t) => {
  t.throws(() => sipKey(bytes(15)), RangeError);
  t.throws(() => sipKey(bytes(17)), RangeError);
});
