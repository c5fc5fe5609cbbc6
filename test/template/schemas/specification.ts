import type { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';

/** CloudFormation's resource types, as published by AWS. */
export type Specification = Awaited<ReturnType<typeof loadAwsServiceSpec>>;

/** `undefined` for a type that CloudFormation does not have. */
export const findType = (specification: Specification, type: string) =>
  specification.lookup('resource', 'cloudFormationType', 'equals', type)[0];

export type PropertyTypes = NonNullable<ReturnType<typeof findType>>['properties'];
export type ValueType = PropertyTypes[string]['type'];
