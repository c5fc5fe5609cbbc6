import type { InputIssue } from '../errors.ts';
import { dropAbsent, isObject } from '../json/value.ts';
import { isDocumented, reasonOfRefusal } from '../sampling/extra-fields.ts';

/**
 * The way of a request's field:
 * - `carried`: to the run, under its own name;
 * - `mapped`: to another field of the run, into its `extra_body` for the model server, or into the answer alone;
 * - `refused`: a 400 with the reason.
 */
export type FieldRule = { is: 'carried' } | { is: 'mapped'; to: string } | { is: 'refused'; why: string };

export const carried = { is: 'carried' } as const;
export const to = <Field extends string>(field: Field) => ({ is: 'mapped', to: field }) as const;
export const refused = (why: string) => ({ is: 'refused', why }) as const;

/** The fields of a body, sorted by a table. */
type SortedFields = {
  /** Those that are taken, to be checked by the route's schema; names that the table lacks are in `extra_body`. */
  given: Record<string, unknown>;
  /** The names that the table lacks: fields of the model server. Python's SDK puts them beside the others. */
  ofServer: string[];
  /** Those that are refused, also in `extra_body`. */
  issues: InputIssue[];
};

/** Reads the bodies of one of OpenAI's routes by a table of all its fields. */
export type FieldRules = {
  /** Null means absent. */
  sort(body: Record<string, unknown>): SortedFields;
  /** The fields of a run that those of a parsed body are carried to, and its `extra_body` with those mapped there. */
  carriedOf(parsed: object): Record<string, unknown>;
  /** The path in the client's body of a path of the run: mapped fields, and the server's, have another one there. */
  pathsOf(parsed: object, ofServer: readonly string[]): (path: string) => string;
};

export const makeFieldRules = (table: Record<string, FieldRule>): FieldRules => {
  const rules: ReadonlyMap<string, FieldRule> = new Map(Object.entries(table));
  const whyRefused = (name: string): string | undefined => {
    const rule = rules.get(name);
    return rule?.is === 'refused' ? rule.why : undefined;
  };
  return {
    sort: (body) => {
      // An unknown name is a mistake even with the value null.
      const fields = Object.entries(body)
        .filter(([name, value]) => value !== null || !(rules.has(name) || isDocumented(name)))
        .map(([name, value]) => {
          const isOurs = rules.has(name);
          return { name, value, isOurs, refusal: isOurs ? whyRefused(name) : reasonOfRefusal(name) };
        });
      const taken = fields.filter(({ refusal }) => refusal === undefined);
      const fieldsWhere = (isOurs: boolean) =>
        Object.fromEntries(
          taken.filter((field) => field.isOurs === isOurs).map(({ name, value }) => [name, value]),
        );
      const ofServer = fieldsWhere(false);
      return {
        given: { ...fieldsWhere(true), extra_body: withFields(body.extra_body, ofServer) },
        ofServer: Object.keys(ofServer),
        issues: [
          ...fields.flatMap(({ name, refusal }) =>
            refusal === undefined ? [] : [{ path: name, message: refusal }],
          ),
          ...Object.keys(isObject(body.extra_body) ? body.extra_body : {}).flatMap((name) => {
            // A field of the request itself is only refused among those of the model server.
            const isOurs = rules.has(name) && reasonOfRefusal(name) !== undefined;
            const message = whyRefused(name) ?? (isOurs ? BESIDE : undefined);
            return message === undefined ? [] : [{ path: `extra_body.${name}`, message }];
          }),
        ],
      };
    },

    carriedOf: (parsed) => {
      const given = Object.entries(dropAbsent(parsed));
      const of = (isOf: (rule: FieldRule) => boolean) =>
        Object.fromEntries(
          given.filter(([name]) => {
            const rule = rules.get(name);
            return rule !== undefined && isOf(rule);
          }),
        );
      const { extra_body, ...fields } = of(({ is }) => is === 'carried');
      const sent = of((rule) => rule.is === 'mapped' && rule.to === 'extra_body');
      const extra = { ...(isObject(extra_body) && extra_body), ...sent };
      return { ...fields, ...(Object.keys(extra).length > 0 && { extra_body: extra }) };
    },

    pathsOf: (parsed, ofServer) => {
      const beside = ofServer.map((name) => ({ name, target: `extra_body.${name}` }));
      const mapped = Object.keys(dropAbsent(parsed)).flatMap((name) => {
        const rule = rules.get(name);
        return rule?.is === 'mapped' ? [{ name, target: targetOf(name, rule.to) }] : [];
      });
      return (path) => {
        const found = [...mapped, ...beside].find(
          ({ target }) => path === target || path.startsWith(`${target}.`),
        );
        if (!found) return path;
        const rest = path.slice(found.target.length);
        return found.name + (found.name.startsWith('function') ? rest.replace('.function', '') : rest);
      };
    },
  };
};

const BESIDE = 'cannot be sent this way; set it beside extra_body instead';

/** `extra_body` with further fields; as it is where it has a wrong shape, for the schema to refuse. */
const withFields = (extra: unknown, fields: Record<string, unknown>): unknown => {
  if (Object.keys(fields).length === 0) return extra;
  if (extra === undefined || extra === null) return fields;
  return isObject(extra) ? { ...extra, ...fields } : extra;
};

/** The path of the run where a mapped field stands. */
const targetOf = (name: string, field: string): string => {
  if (field === 'extra_body') return `extra_body.${name}`;
  return field === 'settings' ? 'settings.0.label' : field;
};
