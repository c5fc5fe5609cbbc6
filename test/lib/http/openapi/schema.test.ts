import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { changeAt, schemaOf } from '../../../../lib/http/openapi/schema.ts';
import { runSchema } from '../../../../lib/http/runs/schemas.ts';
import type { RunView } from '../../../../lib/runs/view.ts';

describe('changeAt', () => {
  test('changes the value at a path, in lists and objects, and nothing beside it', () => {
    const schema = { anyOf: [{ type: 'string' }, { items: { type: 'null' } }], description: 'x' };
    const changed = changeAt(schema, 'anyOf.1.items', ({ type }) => ({ type, was: true }));
    expect(changed).toEqual({
      anyOf: [{ type: 'string' }, { items: { type: 'null', was: true } }],
      description: 'x',
    });
    expect(schema.anyOf[1]).toEqual({ items: { type: 'null' } });
  });

  test.each(['items', 'anyOf.2', 'anyOf.0.type.x', 'description'])(
    'throws when the path does not exist: %s',
    (path) => {
      const schema = { anyOf: [{ type: 'string' }], description: 'x' };
      expect(() => changeAt(schema, path, (inner) => inner)).toThrow(path);
    },
  );
});

type View = { id: string } & {
  status: 'ok' | 'down';
  figures: { mean: number | null; n?: number }[];
  note?: string;
};

const figure = z.object({ mean: z.number().nullable(), n: z.number().exactOptional() });

const fields = {
  id: z.string(),
  status: z.enum(['ok', 'down']),
  figures: z.array(figure),
  note: z.string().exactOptional(),
};

describe('schemaOf', () => {
  test('makes a schema of an object, with its descriptions', () => {
    const schema = schemaOf<View>('A view.')(fields);
    const value = { id: 'x', status: 'ok', figures: [{ mean: null }], note: 'y' };
    expect(schema.description).toBe('A view.');
    expect(schema.parse({ ...value, more: 1 })).toEqual(value);
    expect(schemaOf<View>()(fields).description).toBeUndefined();
  });

  // `tsc` checks these: it reports a `@ts-expect-error` without an error.
  describe('does not compile', () => {
    const { note: _note, ...withoutNote } = fields;
    const schema = schemaOf<View>();

    test('without a field of the type, an optional one included', () => {
      // @ts-expect-error note is missing.
      expect(schema(withoutNote).shape).not.toHaveProperty('note');
    });

    test('with a field that the type does not have', () => {
      // @ts-expect-error View has no field of this name.
      expect(schema({ ...fields, more: z.string() }).shape).toHaveProperty('more');
    });

    test('with a field that accepts fewer values, more, or any', () => {
      // @ts-expect-error A view may be down.
      schema({ ...fields, status: z.enum(['ok']) });
      // @ts-expect-error No view is lost.
      schema({ ...fields, status: z.enum(['ok', 'down', 'lost']) });
      // @ts-expect-error An id is a text.
      schema({ ...fields, id: z.any() });
    });

    test('with a field that is optional on one side alone, or may be undefined', () => {
      // @ts-expect-error A view may be without a note.
      schema({ ...fields, note: z.string() });
      // @ts-expect-error No view is without its id.
      schema({ ...fields, id: z.string().exactOptional() });
      // @ts-expect-error A note that is there is a text.
      schema({ ...fields, note: z.string().optional() });
    });

    test('with a difference in the items of a list', () => {
      // @ts-expect-error The figures of a view may have n.
      schema({ ...fields, figures: z.array(figure.omit({ n: true })) });
    });

    test('with a view of ours that has drifted', () => {
      const { cost_usd: _cost, ...others } = runSchema.shape;
      // @ts-expect-error A run has cost_usd.
      expect(schemaOf<RunView>()(others).shape).not.toHaveProperty('cost_usd');
      // @ts-expect-error This type has a field that the schema of a run does not show.
      expect(schemaOf<RunView & { owner?: string }>()(runSchema.shape).shape).not.toHaveProperty('owner');
    });
  });
});
