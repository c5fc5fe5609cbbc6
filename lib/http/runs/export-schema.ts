import * as z from 'zod';
import { COLUMNS, type ColumnKind } from '../../export/columns.ts';
import { COMPONENTS } from '../openapi/schema.ts';

const TYPES: Record<ColumnKind, z.ZodType> = {
  text: z.string(),
  integer: z.int(),
  double: z.number(),
  boolean: z.boolean(),
  instant: z.iso.datetime(),
  json: z.unknown(),
};

/** A row of an export. Columns that only some rows have a value for are null in the others. */
export const exportRowSchema = z
  .object(
    Object.fromEntries(
      COLUMNS.map(({ name, kind, description }) => [name, TYPES[kind].nullable().describe(description)]),
    ),
  )
  .describe('A row of an export: a generation, or a run without any. Metadata columns are added on request.')
  .register(COMPONENTS, { id: 'ExportRow' });
