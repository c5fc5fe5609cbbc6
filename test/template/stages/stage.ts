import { asMade } from '../as-made.ts';
import { packageStage, type Settings } from '../package-stage.ts';
import { at, ofType, type Properties, type Template } from '../template.ts';

/** One deployment: the template as packaged, and as CloudFormation acts on it (`made`, see `asMade`). */
export type Stage = { name: string; template: Template; made: Template };

export const readStage = async (root: string, name: string, settings: Settings = {}): Promise<Stage> => {
  const { template } = await packageStage(root, name, settings);
  return { name, template, made: asMade(template) };
};

/** Properties of the resource with this logical id. */
export const byId = ({ Resources }: Template, id: string): Properties => {
  const resource = Resources[id];
  if (!resource) throw new Error(`there is no ${id} in the template`);
  return resource.Properties ?? {};
};

/** The properties of the resource named by `Id.Attribute` or `Id`. */
export const named = (made: Template, reference: unknown): Properties =>
  byId(made, String(reference).split('.')[0] ?? '');

/** The names given to resources, each with its type, and the names of exported outputs. */
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

/** Functions with the queues of their event source mappings: `[mapping id, mapping, function, queue]`. */
export const workers = (made: Template): [string, Properties, Properties, Properties][] =>
  ofType(made, 'AWS::Lambda::EventSourceMapping').map(([id, mapping]) => [
    id,
    mapping,
    named(made, mapping.FunctionName),
    named(made, mapping.EventSourceArn),
  ]);
