import { asMade } from '../as-made.ts';
import { packageStage, type Settings } from '../package-stage.ts';
import { at, ofType, type Properties, type Template } from '../template.ts';

/** One deployment: the template as packaged, and as CloudFormation acts on it. */
export type Stage = { name: string; template: Template; made: Template };

export const readStage = async (root: string, name: string, settings: Settings = {}): Promise<Stage> => {
  const { template } = await packageStage(root, name, settings);
  return { name, template, made: asMade(template) };
};

/** Of a template without references. */
export const byId = ({ Resources }: Template, id: string): Properties => {
  const resource = Resources[id];
  if (!resource) throw new Error(`there is no ${id} in the template`);
  return resource.Properties ?? {};
};

/** The properties of what `Id.Attribute`, or `Id` alone, names. */
export const named = (made: Template, reference: unknown): Properties =>
  byId(made, String(reference).split('.')[0] ?? '');

/** The names that resources are given, each with its type, and those of exported outputs. */
export const namesIn = ({ Resources, Outputs = {} }: Template): string[] => [
  ...Object.values(Resources).flatMap(({ Type, Properties = {} }) =>
    Object.entries(Properties)
      .filter(([key]) => key === 'Name' || key === `${Type.split('::')[2]}Name`)
      .map(([, name]) => `${Type} ${name}`),
  ),
  ...Object.values(Outputs).flatMap((output) => {
    const name = at(output, 'Export', 'Name');
    return name === undefined ? [] : [`export ${name}`];
  }),
];

/** Functions with their event source mappings' queues: `[mapping id, mapping, function, queue]`. */
export const workers = (made: Template): [string, Properties, Properties, Properties][] =>
  ofType(made, 'AWS::Lambda::EventSourceMapping').map(([id, mapping]) => [
    id,
    mapping,
    named(made, mapping.FunctionName),
    named(made, mapping.EventSourceArn),
  ]);
