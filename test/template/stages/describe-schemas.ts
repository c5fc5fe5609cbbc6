import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import { describe, expect, test } from 'vitest';
import { checkLimits } from '../limits/check-limits.ts';
import { checkReferences } from '../references/check-references.ts';
import { findCycles } from '../references/find-cycles.ts';
import { everyOutcome } from '../references/resolve-conditions.ts';
import { checkResources } from '../schemas/check-resources.ts';
import type { Stage } from './stage.ts';

const specification = await loadAwsServiceSpec();

/** Tests for everything that CloudFormation would refuse. */
export const describeSchemas = (stage: () => Stage): void => {
  describe('the template, by the schemas of CloudFormation,', () => {
    test('has resources of types that exist, with properties that exist, of the right types', () => {
      expect(checkResources(stage().template, specification)).toEqual([]);
    });

    test('refers only to existing resources, whatever its conditions', () => {
      const problems = everyOutcome(stage().template).flatMap((outcome) =>
        checkReferences(outcome, specification),
      );
      expect(checkReferences(stage().template, specification)).toEqual([]);
      expect([...new Set(problems)]).toEqual([]);
    });

    test('has no resources that wait for each other', () => {
      expect(findCycles(stage().template)).toEqual([]);
    });

    test('respects the limits of each type', () => {
      expect(checkLimits(stage().made)).toEqual([]);
    });
  });
};
