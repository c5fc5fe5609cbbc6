import { gzipSync } from 'node:zlib';
import { makePagesApp } from '../../../lib/http/pages-app.ts';
import type { PackedAsset } from '../../../lib/http/service/packed-asset.ts';
import { memoryLog, stillClock } from '../../fixtures/http.ts';

/** A text as packaging makes an asset of it. */
export const packedText = (name: string, type: string, text: string): PackedAsset => ({
  name,
  type,
  gzip: gzipSync(text).toString('base64'),
});

export const OBJECT_STORE = 'https://s3.eu-west-1.amazonaws.com/everytoken-texts/';

/** The app of pages, with small ones. */
export const makePages = (given: Partial<Parameters<typeof makePagesApp>[0]> = {}) =>
  makePagesApp({
    dashboard: {
      html: '<!doctype html><html><head><script src="./assets/index-01234567.js"></script></head></html>',
      assets: [packedText('index-01234567.js', 'text/javascript; charset=utf-8', 'start();')],
      licences: packedText('licences.txt', 'text/plain; charset=utf-8', 'MIT'),
    },
    objectStore: OBJECT_STORE,
    viewer: {
      script: packedText('viewer.js', 'text/javascript; charset=utf-8', ''),
      style: packedText('viewer.css', 'text/css; charset=utf-8', ''),
    },
    isBinary: true,
    clock: stillClock,
    log: memoryLog(),
    ...given,
  });
