import type { Template } from '../../local/aws/template/intrinsics.ts';
import { nameResources } from '../../local/aws/template/name-resources.ts';
import type { Place } from './aws-calls.ts';
import type { AwsCall } from './s3-calls.ts';
import { isAllowed } from './simulate.ts';

/** A statement with one action on one resource pattern, for the table's items of one kind where it names kinds. */
export type Grant = { Effect: string; Action: string; Resource: string; Condition?: Condition };
type Condition = Record<string, Record<string, string | string[]>>;

/** How a statement names the kinds of items that it is for. */
const [KINDS, LEADING_KEYS] = ['ForAllValues:StringLike', 'dynamodb:LeadingKeys'] as const;

/** The kind of items that a grant is for, such as `RUN#*`; undefined for one that names none. */
export const kindOf = ({ Condition }: Grant): string | undefined =>
  Condition?.[KINDS]?.[LEADING_KEYS]?.toString();

type Properties = Record<string, unknown>;
type Statement = {
  Effect: string;
  Action: string | string[];
  Resource: string | string[];
  Condition?: Condition;
};
type Policy = { PolicyDocument: { Statement: Statement[] } };

/** Resources of a type, with their logical ids. */
export const ofType = (template: Template, type: string): [string, Properties][] =>
  Object.entries(template.Resources).flatMap(([id, { Type, Properties = {} }]) =>
    Type === type ? [[id, Properties] satisfies [string, Properties]] : [],
  );

/** Resolves references in a template to the names used by the local stack. */
export const resolverOf = (template: Template, { region, account }: Place) =>
  nameResources(template, { stackName: 'everytoken-local', region, account }).resolverFor(
    (name) => `https://sqs.${region}.amazonaws.com/${account}/${name}`,
  );

/** The logical id that a value refers to. */
export const referredTo = (value: unknown): string => {
  const { Ref, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return Ref ?? attribute?.[0] ?? '';
};

/** The grants of each function's role, by the function's logical id. */
export const grantsByFunction = (template: Template, place: Place): Map<string, Grant[]> => {
  const resolve = resolverOf(template, place);
  const roles = new Map(ofType(template, 'AWS::IAM::Role'));
  return new Map(
    ofType(template, 'AWS::Lambda::Function').map(([id, { Role }]) => {
      const role = referredTo(Role);
      return [id, (resolve(roles.get(role)?.Policies, role) as Policy[]).flatMap(grantsOf)];
    }),
  );
};

const grantsOf = ({ PolicyDocument: { Statement } }: Policy): Grant[] =>
  Statement.flatMap(({ Action, Resource, Condition, ...others }) =>
    [Action].flat().flatMap((action) =>
      [Resource].flat().flatMap((pattern) =>
        byKind(Condition).map((condition) => ({
          ...{ ...others, Action: action, Resource: pattern },
          ...(condition && { Condition: condition }),
        })),
      ),
    ),
  );

/** A condition for each kind of items that a condition names. Every call is on items of one kind. */
const byKind = (condition: Condition | undefined): (Condition | undefined)[] => {
  const kinds = condition?.[KINDS]?.[LEADING_KEYS];
  if (kinds === undefined) return [condition];
  return [kinds].flat().map((kind) => ({ ...condition, [KINDS]: { [LEADING_KEYS]: [kind] } }));
};

/** Whether a function may make a call with these grants alone. */
export const isGranted = (call: AwsCall, own: readonly Grant[], { account }: Place): Promise<boolean> =>
  isAllowed({ ...call, account, principal: `arn:aws:iam::${account}:role/of-the-function` }, { own });
