import { isObject } from '../../lib/json/value.ts';
import type { Template as RunnableTemplate } from '../../local/aws/template/intrinsics.ts';

export type Properties = Record<string, unknown>;
export type TemplateResource = {
  Type: string;
  Properties?: Properties;
  Metadata?: Properties;
  DependsOn?: string | string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  Condition?: string;
};

/** A CloudFormation template, as packaged. */
export type Template = RunnableTemplate & {
  Resources: Record<string, TemplateResource>;
  Parameters?: Record<string, { Type: string }>;
  Conditions?: Record<string, unknown>;
  Outputs?: Record<string, { Value: unknown; Description?: string; Condition?: string }>;
};

/** A value that is an intrinsic function, such as `{"Ref": "Table"}`, as `[name, argument]`. */
export const intrinsicIn = (value: unknown): [name: string, argument: unknown] | undefined => {
  if (!isObject(value)) return undefined;
  const [entry, ...others] = Object.entries(value);
  const isIntrinsic =
    entry !== undefined && others.length === 0 && /^(Ref|Condition|Fn::\w+)$/.test(entry[0]);
  return isIntrinsic ? entry : undefined;
};

/** Logical ids and properties of the resources of one type. */
export const ofType = ({ Resources }: Template, type: string): [id: string, properties: Properties][] =>
  Object.entries(Resources).flatMap(([id, resource]) =>
    resource.Type === type ? [[id, resource.Properties ?? {}]] : [],
  );

/** The value at a path of keys and indices; `undefined` where the path ends early. */
export const at = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>(
    (found, key) => (isObject(found) || Array.isArray(found) ? (found as Properties)[key] : undefined),
    value,
  );
