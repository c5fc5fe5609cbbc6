import { describe, expect, test } from 'vitest';
import { at, ofType } from '../template.ts';
import { named, type Stage } from './stage.ts';

/**
 * Reserved variables, https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html: a deployment that sets
 * one is refused.
 */
const kept =
  /^(_HANDLER|_X_AMZN_TRACE_ID|LAMBDA_\w+|AWS_(DEFAULT_REGION|REGION|EXECUTION_ENV|LAMBDA_\w+|ACCESS_KEY\w*|SECRET_ACCESS_KEY|SESSION_TOKEN))$/;

/** Tests of the Lambda functions, their roles and logs. */
export const describeFunctions = (stage: () => Stage): void => {
  describe('the functions', () => {
    test('have a role each, Node 24, arm64 and tracing', () => {
      const functions = ofType(stage().made, 'AWS::Lambda::Function');
      const roles = functions.map(([, { Role }]) => Role);
      expect(new Set(roles).size).toBe(functions.length);
      for (const [id, fn] of functions) {
        expect([id, fn]).toMatchObject([
          id,
          { Runtime: 'nodejs24.x', Architectures: ['arm64'], TracingConfig: { Mode: 'Active' } },
        ]);
        expect(named(stage().made, fn.Role)).toHaveProperty('AssumeRolePolicyDocument');
      }
    });

    test('set no variable that Lambda reserves', () => {
      for (const [id, fn] of ofType(stage().made, 'AWS::Lambda::Function')) {
        const names = Object.keys(at(fn, 'Environment', 'Variables') as object);
        expect([id, names.filter((name) => kept.test(name))]).toEqual([id, []]);
      }
    });

    test('log their own lines, and of Lambda those about failures alone', () => {
      for (const [id, fn] of ofType(stage().made, 'AWS::Lambda::Function')) {
        const logging = { LogFormat: 'JSON', SystemLogLevel: 'WARN' };
        expect([id, fn.LoggingConfig]).toMatchObject([id, logging]);
      }
    });

    test('have logs that expire', () => {
      const { made } = stage();
      const groups = ofType(made, 'AWS::Logs::LogGroup').map(([id, { LogGroupName, RetentionInDays }]) => {
        expect([id, RetentionInDays]).toEqual([id, expect.any(Number)]);
        return LogGroupName;
      });
      const written = ofType(made, 'AWS::Lambda::Function').map(
        ([, { FunctionName }]) => `/aws/lambda/${FunctionName}`,
      );
      expect(groups).toEqual(expect.arrayContaining(written));
    });
  });
};
