import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { AwsCall } from './s3-calls.ts';

export type Asked = Omit<AwsCall, 'operation'> & {
  /** A role's ARN, or a service such as `s3.amazonaws.com`. */
  principal: string;
  /** The account of the resource. */
  account: string;
};
export type Policies = {
  /** Statements of the principal's own policy. */
  own?: readonly unknown[];
  /** The permissions boundary of the principal. */
  boundary?: unknown;
  /** The policy of the resource. */
  ofResource?: unknown;
};

/** Whether AWS would allow a call under these policies alone. Throws for a call or a policy unknown to AWS. */
export const isAllowed = async (asked: Asked, { own, boundary, ofResource }: Policies): Promise<boolean> => {
  const { action, resource, context, principal, account } = asked;
  const policy = { Version: '2012-10-17', Statement: own };
  const answer = await runSimulation(
    {
      request: {
        ...{ action, principal, contextVariables: context },
        resource: { resource, accountId: account },
      },
      identityPolicies: own ? [{ name: 'own', policy }] : [],
      ...(boundary !== undefined && { permissionBoundaryPolicies: [{ name: 'boundary', policy: boundary }] }),
      ...(ofResource !== undefined && { resourcePolicy: ofResource }),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (answer.resultType === 'error')
    throw new Error(`${action} on ${resource}: ${JSON.stringify(answer.errors)}`);
  return answer.overallResult === 'Allowed';
};
