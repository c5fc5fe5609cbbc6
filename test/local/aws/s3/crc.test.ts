import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Crc, makeCrc32c, makeCrc64nvme } from '../../../../local/aws/s3/crc.ts';

const of = (crc: Crc, ...pieces: Uint8Array[]): string => {
  for (const piece of pieces) crc.update(piece);
  return crc.digest().toString('hex');
};

// The check values of the catalogue: https://reveng.sourceforge.io/crc-catalogue/all.htm
test.each([
  ['CRC-32C', makeCrc32c, '00000000', 'e3069283'],
  ['CRC-64/NVME', makeCrc64nvme, '0000000000000000', 'ae8b14860a799888'],
])('%s of nothing and of the digits 1 to 9 is that of the catalogue', (_, make, nothing, digits) => {
  expect([of(make()), of(make(), Buffer.from('123456789'))]).toEqual([nothing, digits]);
});

test('a checksum does not depend on how its bytes are split', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(), (bytes, place) => {
      const at = place % (bytes.length + 1);
      for (const make of [makeCrc32c, makeCrc64nvme]) {
        expect(of(make(), bytes.subarray(0, at), bytes.subarray(at))).toBe(of(make(), bytes));
      }
    }),
  );
});
