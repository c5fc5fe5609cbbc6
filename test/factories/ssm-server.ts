import { createServer } from 'node:http';
import { listen } from '../../local/http.ts';

type Parameter = { Name: string; Value: string; Type: string; Version: number };
type Asked = Partial<Parameter> & { Names?: string[]; Overwrite?: boolean; WithDecryption?: boolean };

/** Parameter Store's GetParameter, GetParameters and PutParameter on 127.0.0.1, in memory. Accepts any credentials. */
export const startSsm = async () => {
  const parameters = new Map<string, Parameter>();
  const calls: string[] = [];
  const shown = (parameter: Parameter, { WithDecryption }: Asked) =>
    WithDecryption ? parameter : { ...parameter, Value: 'encrypted' };
  const answer = (action: string, asked: Asked): [number, object] => {
    const { Name = '', Names = [] } = asked;
    const known = parameters.get(Name);
    switch (action) {
      case 'GetParameter':
        return known ? [200, { Parameter: shown(known, asked) }] : [400, { __type: 'ParameterNotFound' }];
      case 'GetParameters':
        return [
          200,
          {
            Parameters: Names.flatMap((name) => parameters.get(name) ?? []).map((each) => shown(each, asked)),
            InvalidParameters: Names.filter((name) => !parameters.has(name)),
          },
        ];
      case 'PutParameter': {
        if (known && !asked.Overwrite) return [400, { __type: 'ParameterAlreadyExists' }];
        const { Value = '', Type = 'String' } = asked;
        const Version = (known?.Version ?? 0) + 1;
        parameters.set(Name, { Name, Value, Type, Version });
        return [200, { Version, Tier: 'Standard' }];
      }
      default:
        return [400, { __type: 'UnknownOperationException' }];
    }
  };
  const server = createServer(async (request, response) => {
    const action = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    calls.push(action);
    const [status, body] = answer(action, JSON.parse(Buffer.concat(await request.toArray()).toString()));
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  });
  return {
    ...(await listen(server, 0)),
    parameters,
    /** The requested actions, in order. */
    calls,
  };
};
