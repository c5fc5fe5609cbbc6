/**
 * CRC-32C and CRC-64/NVME, which Node does not have. Both are reflected, and start and end with all bits inverted.
 * https://reveng.sourceforge.io/crc-catalogue/all.htm
 */
export type Crc = { update: (bytes: Uint8Array) => void; digest: () => Buffer };

const CRC32C = 0x82f63b78n;
const CRC64NVME = 0x9a6c9329ac4bc9b5n;

const remainderOf = (byte: number, polynomial: bigint): bigint => {
  let rest = BigInt(byte);
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1n ? (rest >> 1n) ^ polynomial : rest >> 1n;
  return rest;
};

/** The remainders of all bytes, in two halves of 32 bits, since a step in bigints would take ten times as long. */
const tableOf = (polynomial: bigint): { low: Uint32Array; high: Uint32Array } => {
  const remainders = Array.from({ length: 256 }, (_, byte) => remainderOf(byte, polynomial));
  return {
    low: Uint32Array.from(remainders, (rest) => Number(rest & 0xffffffffn)),
    high: Uint32Array.from(remainders, (rest) => Number(rest >> 32n)),
  };
};

const makeCrc = ({ low, high }: ReturnType<typeof tableOf>, bytesOfDigest: 4 | 8): Crc => {
  let rest = 0xffffffff;
  let upper = bytesOfDigest === 8 ? 0xffffffff : 0;
  return {
    update: (bytes) => {
      for (const byte of bytes) {
        const index = (rest ^ byte) & 0xff;
        rest = ((rest >>> 8) | (upper << 24)) ^ (low[index] as number);
        upper = (upper >>> 8) ^ (high[index] as number);
      }
    },
    digest: () => {
      const digest = Buffer.alloc(bytesOfDigest);
      digest.writeUInt32BE(~rest >>> 0, bytesOfDigest - 4);
      if (bytesOfDigest === 8) digest.writeUInt32BE(~upper >>> 0);
      return digest;
    },
  };
};

const CRC32C_TABLE = tableOf(CRC32C);
const CRC64NVME_TABLE = tableOf(CRC64NVME);

export const makeCrc32c = (): Crc => makeCrc(CRC32C_TABLE, 4);
export const makeCrc64nvme = (): Crc => makeCrc(CRC64NVME_TABLE, 8);
