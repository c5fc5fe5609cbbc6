import './page.css';
import { isBuilding } from '../../comparison-request/address.ts';
import type { PageProps } from '../page-props.ts';
import { Builder } from './builder.tsx';
import { List } from './list.tsx';

/** The list of comparisons, or one that is being built (comparison-request/address.ts has its address). */
export const Page = ({ query }: PageProps) =>
  isBuilding(query) ? <Builder query={query} /> : <List query={query} />;
