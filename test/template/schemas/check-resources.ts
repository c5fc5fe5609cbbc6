import type { Template } from '../template.ts';
import { type CheckContext, checkProperties } from './check-value.ts';
import { intrinsicYields } from './intrinsic-yields.ts';
import { suggestion } from './nearest-name.ts';
import { findType, type Specification } from './specification.ts';

const beside = ['Type', 'Properties', 'DependsOn', 'Condition', 'Metadata', 'CreationPolicy', 'UpdatePolicy'];
const policies = ['DeletionPolicy', 'UpdateReplacePolicy'];
const kept = ['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot'];

/**
 * Checks each resource of a template against CloudFormation's schema of its type. Returns a sentence for each fault,
 * which begins with the logical id and the path.
 */
export const checkResources = (template: Template, specification: Specification): string[] => {
  const context: CheckContext = {
    propertiesOf: (reference) => specification.get('typeDefinition', reference).properties,
    yields: (name, argument) => intrinsicYields(name, argument, template, specification),
  };
  return Object.entries(template.Resources).flatMap(([id, resource]) => {
    const type = findType(specification, resource.Type);
    if (!type) return [`${id}: CloudFormation has no type ${resource.Type}`];
    const attributes = Object.entries(resource).flatMap(([name, value]) => {
      if (beside.includes(name)) return [];
      if (!policies.includes(name))
        return [
          `${id}.${name}: a resource has no such attribute${suggestion(name, [...beside, ...policies])}`,
        ];
      return kept.includes(String(value)) ? [] : [`${id}.${name}: ${value} is none of ${kept.join(', ')}`];
    });
    return [
      ...attributes,
      ...checkProperties(resource.Properties ?? {}, type.properties, `${id}.Properties`, context),
    ];
  });
};
