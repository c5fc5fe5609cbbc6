import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Stage } from '../../target/stage.ts';

/**
 * The alarms of a stage that are raised, by the name of their resource (JobsDeadLettersAlarm). CloudWatch's API for it
 * is one signed request, which does not merit a client of its own.
 *
 * @throws {Error} CloudWatch's message, when it refuses or does not answer
 */
export const alarmsInAlarm = async ({ stack, region }: Stage, timeoutMs: number): Promise<string[]> => {
  const url = new URL(endpointOf(region));
  const query = { Action: 'DescribeAlarms', Version: '2010-08-01', StateValue: 'ALARM' };
  const body = new URLSearchParams({ ...query, AlarmNamePrefix: `${stack}-` }).toString();
  const { config } = new CloudFormationClient({ region });
  const { credentials, sha256 } = config;
  const signer = new SignatureV4({ credentials, sha256, region, service: 'monitoring' });
  const { headers } = await signer.sign({
    ...{ method: 'POST', protocol: url.protocol, hostname: url.hostname, path: url.pathname, body },
    headers: { host: url.host, 'content-type': 'application/x-www-form-urlencoded' },
  });
  const { host: _, ...sent } = headers;
  const response = await fetch(url, {
    ...{ method: 'POST', headers: sent, body },
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(
      /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? `CloudWatch answered ${response.status}`,
    );
  const names = [...text.matchAll(/<AlarmName>([^<]+)<\/AlarmName>/g)].map(([, name = '']) => name);
  return names.map((name) => name.slice(stack.length + 1).replace(/-[A-Za-z0-9]+$/, ''));
};

const endpointOf = (region: string): string => {
  const { AWS_ENDPOINT_URL_CLOUDWATCH, AWS_ENDPOINT_URL } = process.env;
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return AWS_ENDPOINT_URL_CLOUDWATCH || AWS_ENDPOINT_URL || `https://monitoring.${region}.${domain}/`;
};
