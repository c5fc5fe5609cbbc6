import { createHash } from 'node:crypto';
import { hmac, SignatureError, type Signed, sha256 } from './signature.ts';

const NOTHING = sha256('');
const TRAILER_SIGNATURE = 'x-amz-trailer-signature';

/** Compares the signatures of a body's chunks as it is read. Each one continues that of the chunk before. */
export type ChunkSignatures = {
  /** Begins a chunk with the signature that its header claims. */
  begin: (claimed: string | undefined) => void;
  update: (data: Uint8Array) => void;
  /** @throws {SignatureError} for a chunk that was not signed so. */
  end: () => void;
  /** @throws {SignatureError} for trailers that were not signed so. */
  checkTrailers: (trailers: ReadonlyMap<string, string>) => void;
};

/** Makes the checks of a body. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */
export const chunkSignatures = ({ key, date, scope, signature }: Signed['chunks']): ChunkSignatures => {
  let latest = signature;
  let claim: string | undefined;
  let digest = createHash('sha256');

  const check = (algorithm: string, claimed: string | undefined, digests: string[]): void => {
    latest = hmac(key, [algorithm, date, scope, latest, ...digests].join('\n')).toString('hex');
    if (claimed === latest) return;
    throw new SignatureError('mismatch', 'A chunk of the body does not match its signature.');
  };

  return {
    begin: (claimed) => {
      claim = claimed;
      digest = createHash('sha256');
    },
    update: (data) => void digest.update(data),
    end: () => check('AWS4-HMAC-SHA256-PAYLOAD', claim, [NOTHING, digest.digest('hex')]),
    checkTrailers: (trailers) => {
      const lines = [...trailers].filter(([name]) => name !== TRAILER_SIGNATURE);
      if (lines.length === 0) return;
      const text = lines.map(([name, value]) => `${name}:${value}\n`).join('');
      check('AWS4-HMAC-SHA256-TRAILER', trailers.get(TRAILER_SIGNATURE), [sha256(text)]);
    },
  };
};
