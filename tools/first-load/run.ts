import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { type DashboardBuild, type FileSize, firstLoadOf } from './first-load.ts';

// `npm run first-load`: builds the dashboard, prints what a browser fetches for it, and fails above the bound.

const MOST_BYTES = 150_000;
/** The first of dashboard/pages/pages.ts. */
const HOME = 'playground';
const ROOT = join(import.meta.dirname, '../..');

const { buildDashboard }: { buildDashboard: (folder: string) => Promise<DashboardBuild> } = createRequire(
  import.meta.url,
)(join(ROOT, 'infra/build-dashboard.cjs'));

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1).padStart(8);
const line = (name: string, raw: string, sent: string): void =>
  console.log(`${name.padEnd(44)}${raw.padStart(8)}${sent.padStart(9)}`);
const list = (files: FileSize[]): void => {
  for (const { name, raw, sent } of files) line(`  ${name}`, kilobytes(raw), kilobytes(sent));
};

const { files, sent, later } = firstLoadOf(
  await buildDashboard(resolve(process.argv[2] ?? join(ROOT, 'dashboard'))),
  process.argv[2] === undefined ? HOME : undefined,
);
line('the dashboard, in kB', 'raw', 'gzipped');
list(files);
line('first load', '', kilobytes(sent));
for (const page of later) {
  line(`later: ${page.name.replace(/-[\w-]{8}\.js$/, '')}`, '', kilobytes(page.sent));
  list(page.files);
}
if (sent > MOST_BYTES) {
  console.log(
    `the first load is over ${MOST_BYTES / 1000} kB: import what it does not show later, by import(), or leave it out`,
  );
  process.exitCode = 1;
}
