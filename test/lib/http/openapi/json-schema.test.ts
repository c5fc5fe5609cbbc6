import { describe, expect, test } from 'vitest';
import { changeAt } from '../../../../lib/http/openapi/json-schema.ts';

describe('changeAt', () => {
  test('changes what stands at a path, in lists and objects, and nothing beside it', () => {
    const schema = { anyOf: [{ type: 'string' }, { items: { type: 'null' } }], description: 'x' };
    const changed = changeAt(schema, 'anyOf.1.items', ({ type }) => ({ type, was: true }));
    expect(changed).toEqual({
      anyOf: [{ type: 'string' }, { items: { type: 'null', was: true } }],
      description: 'x',
    });
    expect(schema.anyOf[1]).toEqual({ items: { type: 'null' } });
  });

  test.each(['items', 'anyOf.2', 'anyOf.0.type.x', 'description'])(
    'throws where nothing stands: %s',
    (path) => {
      const schema = { anyOf: [{ type: 'string' }], description: 'x' };
      expect(() => changeAt(schema, path, (inner) => inner)).toThrow(path);
    },
  );
});
