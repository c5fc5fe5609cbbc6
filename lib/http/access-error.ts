import { EverytokenError } from '../errors.ts';

/** The caller may not: `unauthorized` without a key (401), `forbidden` with one that is wrong or disabled (403). */
export class AccessError extends EverytokenError {
  override readonly name = 'AccessError';
  constructor(message: string, { code }: { code: 'unauthorized' | 'forbidden' }) {
    super(message, { code, retryable: false });
  }
}
