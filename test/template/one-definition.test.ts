import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { pollUntil } from '../../tools/poll-until.ts';
import { asMade } from './as-made.ts';
import { copyProject, packageStage } from './package-stage.ts';
import { byId } from './stages/stage.ts';
import { reportingCode, type StartedDefinition, startDefinition } from './started-definition.ts';
import { at, ofType, type Template } from './template.ts';

const LIMIT_MS = 50_000;
const generate = 'functions/generate/http.handler';
const api = 'functions/api.handler';
const embed = 'functions/embed.handler';

/** Sets existing values in a file of the definition, keeping its tags and comments. */
const change = (file: string, values: [path: (string | number)[], value: unknown][]): void => {
  const document = parseDocument(readFileSync(file, 'utf8'));
  for (const [path, value] of values) {
    if (!document.hasIn(path)) throw new Error(`${file} has no ${path.join('.')}`);
    document.setIn(path, value);
  }
  writeFileSync(file, document.toString({ lineWidth: 0 }));
};

const unchanged = copyProject(reportingCode);
const changed = copyProject(reportingCode);
/** `after` is the template of a deployment with the change, `before` that of the local stack. */
let templates: Record<'before' | 'after', Template>;
let stacks: Record<'before' | 'after', StartedDefinition>;

beforeAll(async () => {
  change(join(changed, 'serverless.yml'), [
    [['functions', 'generateHttp', 'events', 0, 'http', 'path'], '/experiments'],
    [['functions', 'embed', 'events', 0, 'sqs', 'batchSize'], 3],
  ]);
  change(join(changed, 'infra', 'messaging.yml'), [
    [['Resources', 'EmbedRule', 'Properties', 'EventPattern', 'detail-type'], ['RunCompleted']],
  ]);
  stacks = { before: await startDefinition(unchanged), after: await startDefinition(changed) };
  templates = {
    before: asMade(stacks.before.template),
    after: asMade((await packageStage(changed, 'prod')).template),
  };
}, 120_000);
afterAll(async () => {
  for (const stack of Object.values(stacks ?? {})) await stack.close();
});

/** The routes of POST that a template streams, by their last segment. */
const streamedPaths = (template: Template): unknown[] =>
  ofType(template, 'AWS::ApiGateway::Method')
    .filter(
      ([, { HttpMethod, Integration }]) =>
        HttpMethod === 'POST' && at(Integration, 'ResponseTransferMode') === 'STREAM',
    )
    .map(([, { ResourceId }]) => byId(template, String(ResourceId)).PathPart);

const embedBatchSize = (template: Template): unknown =>
  ofType(template, 'AWS::Lambda::EventSourceMapping').find(
    ([, { EventSourceArn }]) => EventSourceArn === 'EmbedQueue.Arn',
  )?.[1].BatchSize;

describe('a change in serverless.yml and infra/', () => {
  test('of a route changes both the deployment and the answers of the local gateway', async () => {
    expect(streamedPaths(templates.before)).toContain('runs');
    expect(await stacks.before.ask('POST', '/runs')).toBe(generate);
    expect(await stacks.before.ask('POST', '/experiments')).toBe(api);

    expect(streamedPaths(templates.after)).toContain('experiments');
    expect(streamedPaths(templates.after)).not.toContain('runs');
    expect(await stacks.after.ask('POST', '/experiments')).toBe(generate);
    expect(await stacks.after.ask('POST', '/runs')).toBe(api);
  });

  test('of a rule’s pattern changes both the deployment and the delivery of events', async () => {
    const patterns = [templates.before, templates.after].map(
      (template) => byId(template, 'EmbedRule').EventPattern,
    );
    expect(patterns).toMatchObject([
      { 'detail-type': ['RunGenerated'] },
      { 'detail-type': ['RunCompleted'] },
    ]);

    for (const [stack, wanted, other] of [
      [stacks.before, 'RunGenerated', 'RunCompleted'],
      [stacks.after, 'RunCompleted', 'RunGenerated'],
    ] as const) {
      const delivered = () =>
        stack.batchesOf(embed).flatMap((bodies) => bodies.map((body) => body['detail-type']));
      // PutEvents answers once it has delivered, so the second of the wanted events comes after the effects of the
      // other.
      await stack.announce(other, wanted);
      await stack.announce(wanted);
      await pollUntil('both events are delivered', () => delivered().length >= 2, LIMIT_MS);
      expect(delivered()).toEqual([wanted, wanted]);
    }
  });

  test('of a queue’s batch size changes both the deployment and the number of messages a function gets', async () => {
    expect([templates.before, templates.after].map(embedBatchSize)).toEqual([50, 3]);
    for (const [stack, size] of [
      [stacks.before, 50],
      [stacks.after, 3],
    ] as const) {
      const largest = () => Math.max(...stack.batchesOf(embed).map((bodies) => bodies.length));
      await pollUntil(
        'a batch is as large as it may be',
        async () => {
          await stack.sendTen('EmbedQueue');
          return largest() >= size;
        },
        LIMIT_MS,
      );
      expect(largest()).toBe(size);
    }
  });
});
