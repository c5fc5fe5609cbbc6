import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import { describe, expect, test } from 'vitest';
import { isObject } from '../../../lib/json/value.ts';
import { checkReferences } from '../references/check-references.ts';
import { findCycles } from '../references/find-cycles.ts';
import { findReferences } from '../references/find-references.ts';
import { checkResources } from '../schemas/check-resources.ts';
import type { Template, TemplateResource } from '../template.ts';
import type { Stage } from './stage.ts';

const specification = await loadAwsServiceSpec();

type Fault = [what: string, template: Template];
const missed = (faults: Fault[], problems: (template: Template) => string[]): string[] =>
  faults.filter(([, template]) => problems(template).length === 0).map(([what]) => what);

/** The template with one resource replaced. */
const withResource = (template: Template, id: string, resource: TemplateResource): Template => ({
  ...template,
  Resources: { ...template.Resources, [id]: resource },
});

/** Calls `change` with each property of each resource, in a template of that resource alone. */
const eachProperty = (
  { Resources }: Template,
  change: (name: string, value: unknown) => Record<string, unknown>,
): Fault[] =>
  Object.entries(Resources).flatMap(([id, resource]) =>
    Object.entries(resource.Properties ?? {}).map(([name, value]): Fault => {
      const { [name]: _, ...others } = resource.Properties ?? {};
      const Properties = { ...others, ...change(name, value) };
      return [`${id}.${name}`, { Resources: { [id]: { ...resource, Properties } } }];
    }),
  );

/** All references from one resource to another. */
const referencesOf = ({ Resources }: Template): [from: string, to: string][] =>
  Object.entries(Resources).flatMap(([id, { Properties, DependsOn = [] }]) =>
    [...findReferences(Properties, '').map(({ name }) => name), ...[DependsOn].flat()]
      .filter((name) => name in Resources && name !== id)
      .map((name): [string, string] => [id, name]),
  );

/** Inserts one fault at a time into a correct template; each must be found. */
export const describeFaults = (stage: () => Stage): void => {
  describe('a fault inserted into the template', () => {
    test('is found for every property that is misspelt', () => {
      const faults = eachProperty(stage().template, (name, value) => ({ [`${name}s`]: value }));
      expect(faults.length).toBeGreaterThan(200);
      expect(missed(faults, (template) => checkResources(template, specification))).toEqual([]);
    });

    test('is found for every property with a value of another kind', () => {
      const faults = eachProperty(stage().template, (name, value) => ({
        [name]: isObject(value) || Array.isArray(value) ? 7 : [[value]],
      }));
      expect(missed(faults, (template) => checkResources(template, specification))).toEqual([]);
    });

    test('is found for every missing resource that another one refers to', () => {
      const { template } = stage();
      const faults = [...new Set(referencesOf(template).map(([, to]) => to))].map((id): Fault => {
        const { [id]: _, ...Resources } = template.Resources;
        return [id, { ...template, Resources }];
      });
      expect(faults.length).toBeGreaterThan(20);
      expect(missed(faults, (broken) => checkReferences(broken, specification))).toEqual([]);
    });

    test('is found for every resource made to wait for one that waits for it', () => {
      const { template } = stage();
      const faults = referencesOf(template).flatMap(([from, to]): Fault[] => {
        const resource = template.Resources[to];
        if (!resource) return [];
        const DependsOn = [...[resource.DependsOn ?? []].flat(), from];
        return [[`${to} -> ${from}`, withResource(template, to, { ...resource, DependsOn })]];
      });
      expect(missed(faults, findCycles)).toEqual([]);
    });
  });
};
