import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { KEPT } from './manifest.ts';

// npm runs this after it has packed: puts package.json back.

const root = join(import.meta.dirname, '../..');
renameSync(join(root, KEPT), join(root, 'package.json'));
