import type { Endpoints } from '../../local/aws/function-environment.ts';
import { type FaultProxy, type ProxiedRequest, startFaultProxy } from '../../tools/soak/fault-proxy.ts';
import { callsOf, type Place, type Service, signerOf } from './aws-calls.ts';
import type { AwsCall } from './s3-calls.ts';

/** A call with the logical id of the function whose credentials signed it. */
export type RecordedCall = AwsCall & { functionId: string };

/** Proxies in front of AWS services, without faults, that record the permissions each request needs. */
export const makeRecorder = (place: Place) => {
  const calls: RecordedCall[] = [];
  const unread: string[] = [];
  const proxies: FaultProxy[] = [];

  const note = (service: Service, request: ProxiedRequest): void => {
    const functionId = signerOf(request);
    if (functionId === undefined) return void unread.push(`unsigned ${request.method} to ${service}`);
    try {
      for (const call of callsOf(service, request, place)) calls.push({ ...call, functionId });
    } catch (error) {
      unread.push(`${functionId}: ${error}`);
    }
  };

  const inFrontOf = async (service: Service, upstream: string): Promise<string> => {
    const proxy = await startFaultProxy({
      ...{ upstream, rate: 0, random: () => 1, speaks: service === 's3' ? 'bytes' : 'json' },
      onAnswered: (request) => note(service, request),
    });
    proxies.push(proxy);
    return proxy.url;
  };

  return {
    calls,
    /** Requests that could not be understood, or belong to no function. */
    unread,
    inFrontOf,
    inFrontOfAll: async ({ dynamodb, s3, sqs, events }: Endpoints): Promise<Endpoints> => ({
      dynamodb: await inFrontOf('dynamodb', dynamodb),
      s3: await inFrontOf('s3', s3),
      sqs: await inFrontOf('sqs', sqs),
      events: await inFrontOf('events', events),
    }),
    close: async (): Promise<void> => {
      for (const proxy of proxies) await proxy.close();
    },
  };
};
