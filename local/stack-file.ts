/** The content of a stack's `stack.json`: the addresses of its parts, and the names of their resources. */
export type StackFile = {
  api: string;
  dashboard: string;
  openai: string;
  pinecone: string;
  dynamodb: string;
  s3: string;
  sqs: string;
  events: string;
  table: string | undefined;
  bus: string | undefined;
  index: string;
  /** Names the stack in its vectors. */
  deployment: string;
  /** The prefix of its namespaces in the index. */
  namespace: string;
  buckets: Record<string, string>;
  queues: Record<string, string>;
  /** Made anew at each start. */
  credentials: StackCredentials;
};

/** The keys of the parts on this machine; null where the user's own service is used, with the user's own key. */
type StackCredentials = {
  /** A key of the API that belongs to the stack's own caller; null where the API asks for none. */
  api: string | null;
  aws: { access_key_id: string; secret_access_key: string } | null;
  openai: string | null;
  pinecone: string | null;
};

/** The access key of a stack's own AWS services, as an option of the SDK's clients; `{}` where it has none. */
export const awsCredentialsIn = ({ credentials: { aws } }: Pick<StackFile, 'credentials'>) =>
  aws ? { credentials: { accessKeyId: aws.access_key_id, secretAccessKey: aws.secret_access_key } } : {};
