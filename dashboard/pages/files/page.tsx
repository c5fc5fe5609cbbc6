import { Empty } from '../../parts/states.tsx';
import type { PageProps } from '../page-props.ts';

export const Page = (_: PageProps) => (
  <>
    <header>
      <h1>Files</h1>
    </header>
    <Empty title="Nothing yet" />
  </>
);
