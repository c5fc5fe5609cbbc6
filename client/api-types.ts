/** Made from docs/openapi.json by npm run openapi; changes by hand are lost. */

export type LineErrors = {
  code: string;
  /**
   * All lines with this code.
   */
  count: number;
  /**
   * The first 20 of them. Lines that were not begun, because of a stop, may be left out.
   */
  lines: number[];
}[];
/**
 * An output item in OpenAI's format.
 */
export type ResponseOutputItem =
  | {
      type: 'message';
      id: string;
      status: 'in_progress' | 'completed' | 'incomplete';
      role: 'assistant';
      content: (
        | {
            type: 'output_text';
            text: string;
            /**
             * Always empty: annotations are of hosted tools.
             *
             * @maxItems 0
             */
            annotations: never[];
            /**
             * As sent by the model server; empty unless the request includes them.
             */
            logprobs: TokenLogprob[];
          }
        | {
            type: 'refusal';
            refusal: string;
          }
      )[];
    }
  | {
      type: 'reasoning';
      /**
       * As its server gave it, where one did.
       */
      id: string;
      status?: 'in_progress' | 'completed' | 'incomplete';
      summary: {
        type: 'summary_text';
        text: string;
      }[];
      /**
       * The reasoning itself, of servers that send it.
       */
      content?: {
        type: 'reasoning_text';
        text: string;
      }[];
      /**
       * Only where it is included.
       */
      encrypted_content?: string;
    }
  | {
      type: 'function_call';
      id: string;
      status: 'in_progress' | 'completed' | 'incomplete';
      call_id: string;
      name: string;
      arguments: string;
    }
  | {
      type: 'custom_tool_call';
      id: string;
      status: 'in_progress' | 'completed' | 'incomplete';
      call_id: string;
      name: string;
      input: string;
    };
export type ProblemCode =
  | 'invalid_input'
  | 'sampling_not_applied'
  | 'previous_response_not_found'
  | 'price_unknown'
  | 'empty_body'
  | 'invalid_json'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'unknown_route'
  | 'method_not_allowed'
  | 'conflict'
  | 'run_in_progress'
  | 'lease_lost'
  | 'cancelled'
  | 'gone'
  | 'body_too_large'
  | 'prompt_too_large'
  | 'fields_too_large'
  | 'file_too_large'
  | 'unsupported_media_type'
  | 'idempotency_key_reused'
  | 'rate_limited'
  | 'insufficient_quota'
  | 'over_budget'
  | 'too_many_requests'
  | 'too_many_runs'
  | 'too_many_exports'
  | 'internal'
  | 'configuration'
  | 'response_too_large'
  | 'embedding_model_not_found'
  | 'embeddings_key_refused'
  | 'no_embeddings'
  | 'pinecone_key_refused'
  | 'index_dimension_mismatch'
  | 'index_metric_mismatch'
  | 'index_unusable'
  | 'upstream_error'
  | 'unreachable'
  | 'invalid_embedding'
  | 'index_gone'
  | 'index_not_ready'
  | 'invalid_request'
  | 'model_not_found'
  | 'incomplete_output'
  | 'unreadable_output'
  | 'attempts_exhausted'
  | 'index_refused'
  | 'relay_overflow'
  | 'timeout'
  | 'first_token_timeout'
  | 'idle_timeout'
  | 'total_timeout'
  | 'wait_timeout'
  | 'gateway_throttled'
  | 'gateway_refused'
  | 'gateway_failed';

export interface Schemas {
  RunRequest: RunRequest;
  SearchRequest: SearchRequest;
  ComparisonRequest: ComparisonRequest;
  FileRequest: FileRequest;
  FileEstimateRequest: FileEstimateRequest;
  ExportRequest: ExportRequest;
  ChatCompletionRequest: ChatCompletionRequest;
  CompletionRequest: CompletionRequest;
  EmbeddingsRequest: EmbeddingsRequest;
  ResponseRequest: ResponseRequest;
  OpenAIFileForm: OpenAIFileForm;
  OpenAIBatchRequest: OpenAIBatchRequest;
  Best: Best;
  Caller: Caller;
  CallerList: CallerList;
  ChatCompletion: ChatCompletion;
  ChatCompletionChunk: ChatCompletionChunk;
  CheckResult: CheckResult;
  ComparedDiversity: ComparedDiversity;
  ComparedSetting: ComparedSetting;
  ComparedSpread: ComparedSpread;
  ComparedText: ComparedText;
  Comparison: Comparison;
  ComparisonEstimate: ComparisonEstimate;
  ComparisonList: ComparisonList;
  ComparisonSummary: ComparisonSummary;
  Completion: Completion;
  CompletionChunk: CompletionChunk;
  DeletedResponse: DeletedResponse;
  Difference: Difference;
  Diversity: Diversity;
  DiversityFigures: DiversityFigures;
  EmbeddingList: EmbeddingList;
  Export: Export;
  ExportList: ExportList;
  ExportRow: ExportRow;
  FailedAttempt: FailedAttempt;
  File: File;
  FileEstimate: FileEstimate;
  FileList: FileList;
  FileSummary: FileSummary;
  Generation: Generation;
  Health: Health;
  LineErrors: LineErrors;
  ModelList: ModelList;
  OpenAIBatch: OpenAIBatch;
  OpenAIBatchList: OpenAIBatchList;
  OpenAIBatchResult: OpenAIBatchResult;
  OpenAIDeletedFile: OpenAIDeletedFile;
  OpenAIError: OpenAIError;
  OpenAIFile: OpenAIFile;
  OpenAIFileList: OpenAIFileList;
  OpenAIModel: OpenAIModel;
  OpenAIModelList: OpenAIModelList;
  Operations: Operations;
  PassRate: PassRate;
  PlacedReasoning: PlacedReasoning;
  Problem: Problem;
  ReasoningItem: ReasoningItem;
  Response: Response;
  ResponseEvent: ResponseEvent;
  ResponseInputItemList: ResponseInputItemList;
  ResponseOutputItem: ResponseOutputItem;
  Run: Run;
  RunFigures: RunFigures;
  RunList: RunList;
  RunSummary: RunSummary;
  Sampling: Sampling;
  ScoredToken: ScoredToken;
  SearchAnswer: SearchAnswer;
  SearchMatch: SearchMatch;
  Spread: Spread;
  Timing: Timing;
  TokenLogprob: TokenLogprob;
  ToolCall: ToolCall;
  Trace: Trace;
  TraceChunk: TraceChunk;
  Upload: Upload;
  Usage: Usage;
  UsageReport: UsageReport;
  Verdict: Verdict;
  ProblemCode: ProblemCode;
  ListRunsQuery: ListRunsQuery;
  ReadRunQuery: ReadRunQuery;
  ReadTraceQuery: ReadTraceQuery;
  ListComparisonsQuery: ListComparisonsQuery;
  ReadComparisonQuery: ReadComparisonQuery;
  ListFilesQuery: ListFilesQuery;
  ReadFileQuery: ReadFileQuery;
  StopFileQuery: StopFileQuery;
  ListExportsQuery: ListExportsQuery;
  ReadUsageQuery: ReadUsageQuery;
  ListCallersQuery: ListCallersQuery;
  ReadResponseQuery: ReadResponseQuery;
  ListResponseInputItemsQuery: ListResponseInputItemsQuery;
  ListOpenAIFilesQuery: ListOpenAIFilesQuery;
  ListOpenAIBatchesQuery: ListOpenAIBatchesQuery;
}
/**
 * One prompt x settings x samples, at most 64 generations. Null means absent.
 */
export interface RunRequest {
  /**
   * The user message. Give either prompt or messages, at most 512 KiB of UTF-8.
   */
  prompt?: string | null;
  /**
   * A conversation, instead of a prompt.
   */
  messages?:
    | (
        | {
            role: 'system' | 'developer' | 'user';
            content: string;
            name?: string | null;
          }
        | {
            role: 'assistant';
            content: string;
            name?: string | null;
            /**
             * The calls of tools in an answer of an earlier turn.
             */
            tool_calls?:
              | (
                  | {
                      id: string;
                      type: 'function';
                      function: {
                        name: string;
                        arguments: string;
                      };
                    }
                  | {
                      id: string;
                      type: 'custom';
                      custom: {
                        name: string;
                        input: string;
                      };
                    }
                )[]
              | null;
            /**
             * Reasoning items of an earlier answer, sent back to a model server that speaks the Responses API; no other server gets them.
             */
            reasoning?: unknown[] | null;
          }
        | {
            role: 'tool';
            content: string;
            /**
             * The id of the call that this message answers.
             */
            tool_call_id: string;
          }
      )[]
    | null;
  /**
   * The model; by default the deployment's.
   */
  model?: string | null;
  /**
   * How much a reasoning model reasons before it answers.
   */
  reasoning_effort?: ('none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max') | null;
  /**
   * How the model server summarises the reasoning: auto, concise or detailed. The Responses API alone does; summaries are in reasoning of a generation.
   */
  reasoning_summary?: ('auto' | 'concise' | 'detailed') | null;
  /**
   * Upper bound of completion tokens, reasoning included; 1024 by default.
   */
  max_tokens?: number | null;
  /**
   * Sampling temperature. Sampling fields that are left out are not sent to the model server.
   */
  temperature?: number | null;
  /**
   * Nucleus sampling: only the smallest set of tokens whose probabilities add up to this.
   */
  top_p?: number | null;
  /**
   * Samples from the k most probable tokens only; sampling reports whether the server applied it.
   */
  top_k?: number | null;
  /**
   * Penalises tokens by how often they have occurred.
   */
  frequency_penalty?: number | null;
  /**
   * Penalises tokens that have occurred at all.
   */
  presence_penalty?: number | null;
  /**
   * Asks the server for repeatable sampling.
   */
  seed?: number | null;
  /**
   * Up to four strings; the output ends before the first of them. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
   */
  stop?: string[] | null;
  /**
   * Stores the tokens' log probabilities in the trace.
   */
  logprobs?: boolean | null;
  /**
   * How many of the most probable tokens at each position the trace has with their log probabilities. Above 0 it implies logprobs; a generation has 100,000 of them at most.
   */
  top_logprobs?: number | null;
  /**
   * OpenAI's response_format, sent to the model server unchanged. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
   */
  response_format?: {
    type: 'text' | 'json_object' | 'json_schema';
    [k: string]: unknown;
  } | null;
  /**
   * Tools in the shape of OpenAI's chat completions, of type function or custom, with at most 256 KiB of JSON. Calls of them are in tool_calls of a generation; everytoken executes none. A report of sampling has the name and a hash of each.
   */
  tools?:
    | (
        | {
            type: 'function';
            function: {
              name: string;
              [k: string]: unknown;
            };
            [k: string]: unknown;
          }
        | {
            type: 'custom';
            custom: {
              name: string;
              [k: string]: unknown;
            };
            [k: string]: unknown;
          }
      )[]
    | null;
  /**
   * Which tools the model may or must call: none, auto, required, or an object as OpenAI takes it.
   */
  tool_choice?:
    | (
        | ('none' | 'auto' | 'required')
        | {
            type: 'function' | 'custom' | 'allowed_tools';
            [k: string]: unknown;
          }
      )
    | null;
  /**
   * Whether the model may call several tools in one answer.
   */
  parallel_tool_calls?: boolean | null;
  /**
   * Further fields for the model server, sent unchanged next to the fields above: those that its kind is known to take (GET /models), or that the operator opened. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
   */
  extra_body?: {
    [k: string]: unknown;
  } | null;
  /**
   * Labelled choices of model and sampling; each overrides the fields above. By default there is one, labelled default.
   */
  settings?:
    | {
        /**
         * The name of a setting, unique in its run.
         */
        label: string;
        /**
         * The model; by default the deployment's.
         */
        model?: string | null;
        /**
         * How much a reasoning model reasons before it answers.
         */
        reasoning_effort?: ('none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max') | null;
        /**
         * How the model server summarises the reasoning: auto, concise or detailed. The Responses API alone does; summaries are in reasoning of a generation.
         */
        reasoning_summary?: ('auto' | 'concise' | 'detailed') | null;
        /**
         * Upper bound of completion tokens, reasoning included; 1024 by default.
         */
        max_tokens?: number | null;
        /**
         * Sampling temperature. Sampling fields that are left out are not sent to the model server.
         */
        temperature?: number | null;
        /**
         * Nucleus sampling: only the smallest set of tokens whose probabilities add up to this.
         */
        top_p?: number | null;
        /**
         * Samples from the k most probable tokens only; sampling reports whether the server applied it.
         */
        top_k?: number | null;
        /**
         * Penalises tokens by how often they have occurred.
         */
        frequency_penalty?: number | null;
        /**
         * Penalises tokens that have occurred at all.
         */
        presence_penalty?: number | null;
        /**
         * Asks the server for repeatable sampling.
         */
        seed?: number | null;
        /**
         * Up to four strings; the output ends before the first of them. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
         */
        stop?: string[] | null;
        /**
         * Stores the tokens' log probabilities in the trace.
         */
        logprobs?: boolean | null;
        /**
         * How many of the most probable tokens at each position the trace has with their log probabilities. Above 0 it implies logprobs; a generation has 100,000 of them at most.
         */
        top_logprobs?: number | null;
        /**
         * OpenAI's response_format, sent to the model server unchanged. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
         */
        response_format?: {
          type: 'text' | 'json_object' | 'json_schema';
          [k: string]: unknown;
        } | null;
        /**
         * Tools in the shape of OpenAI's chat completions, of type function or custom, with at most 256 KiB of JSON. Calls of them are in tool_calls of a generation; everytoken executes none. A report of sampling has the name and a hash of each.
         */
        tools?:
          | (
              | {
                  type: 'function';
                  function: {
                    name: string;
                    [k: string]: unknown;
                  };
                  [k: string]: unknown;
                }
              | {
                  type: 'custom';
                  custom: {
                    name: string;
                    [k: string]: unknown;
                  };
                  [k: string]: unknown;
                }
            )[]
          | null;
        /**
         * Which tools the model may or must call: none, auto, required, or an object as OpenAI takes it.
         */
        tool_choice?:
          | (
              | ('none' | 'auto' | 'required')
              | {
                  type: 'function' | 'custom' | 'allowed_tools';
                  [k: string]: unknown;
                }
            )
          | null;
        /**
         * Whether the model may call several tools in one answer.
         */
        parallel_tool_calls?: boolean | null;
        /**
         * Further fields for the model server, sent unchanged next to the fields above: those that its kind is known to take (GET /models), or that the operator opened. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
         */
        extra_body?: {
          [k: string]: unknown;
        } | null;
      }[]
    | null;
  /**
   * Outputs of each setting; 1 by default.
   */
  samples?: number | null;
  /**
   * Streams the answer as server-sent events.
   */
  stream?: boolean | null;
  /**
   * Returns 202 at once; the run is generated later.
   */
  background?: boolean | null;
  /**
   * Whether outputs are embedded for search; true by default.
   */
  index?: boolean | null;
  /**
   * false: prompt and outputs are for this answer alone. Figures, settings and results of checks are kept; texts, tool calls and log probabilities are never stored with the outputs, and the prompt is deleted when the run ends. Implies index: false. true by default.
   */
  store?: boolean | null;
  /**
   * Refuses sampling that the server would not apply, instead of leaving it out with a warning.
   */
  strict_sampling?: boolean | null;
  /**
   * Checks of each output. Each generation has its results; checks has the pass rate of each label.
   */
  checks?:
    | (
        | {
            type: 'contains';
            value: string;
          }
        | {
            type: 'regex';
            pattern: string;
          }
        | {
            type: 'json_schema';
            schema: {
              [k: string]: unknown;
            };
          }
        | {
            type: 'min_length';
            value: number;
          }
        | {
            type: 'max_length';
            value: number;
          }
      )[]
    | null;
  /**
   * Up to 16 pairs of your own; keys have up to 64 and values up to 512 characters.
   */
  metadata?: {
    [k: string]: string;
  } | null;
  /**
   * Any name of the conversation that the run is a turn of, also as header x-everytoken-conversation. Without it a run of one output whose messages continue those and the answer of an earlier run is linked to that by itself.
   */
  conversation?: string | null;
}
/**
 * A search over the caller's outputs, by meaning and by rare words. Null means absent.
 */
export interface SearchRequest {
  /**
   * The text to search for: 1 to 8,000 bytes of UTF-8.
   */
  query: string;
  /**
   * Maximum number of outputs; 10 by default.
   */
  top_k?: number | null;
  /**
   * Conditions that all must hold. Bounds are inclusive, and an unknown figure meets no bound. metadata.KEY fields match exactly.
   */
  filter?: {
    /**
     * The requested model.
     */
    model?: string | null;
    /**
     * The label of the setting.
     */
    label?: string | null;
    /**
     * Only outputs of this run.
     */
    run_id?: string | null;
    /**
     * Created at or after this date (UTC), instant, or time before now: 30m, 24h, 7d, 4w.
     */
    since?: string | null;
    /**
     * Created before this instant or time before now, or on or before this date (UTC).
     */
    until?: string | null;
    min_tokens?: number | null;
    max_tokens?: number | null;
    min_ttft_ms?: number | null;
    max_ttft_ms?: number | null;
    min_tpot_ms?: number | null;
    max_tpot_ms?: number | null;
    min_e2e_ms?: number | null;
    max_e2e_ms?: number | null;
    min_seconds_per_token?: number | null;
    max_seconds_per_token?: number | null;
    min_cost_usd?: number | null;
    max_cost_usd?: number | null;
  } | null;
  /**
   * Further fields of each match: "vectors", the vector of its text.
   */
  include?: 'vectors'[] | null;
}
/**
 * Prompts x settings x samples, at most 2000 generations in 250 runs. Null means absent.
 */
export interface ComparisonRequest {
  /**
   * The model; by default the deployment's.
   */
  model?: string | null;
  /**
   * How much a reasoning model reasons before it answers.
   */
  reasoning_effort?: ('none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max') | null;
  /**
   * How the model server summarises the reasoning: auto, concise or detailed. The Responses API alone does; summaries are in reasoning of a generation.
   */
  reasoning_summary?: ('auto' | 'concise' | 'detailed') | null;
  /**
   * Upper bound of completion tokens, reasoning included; 1024 by default.
   */
  max_tokens?: number | null;
  /**
   * Sampling temperature. Sampling fields that are left out are not sent to the model server.
   */
  temperature?: number | null;
  /**
   * Nucleus sampling: only the smallest set of tokens whose probabilities add up to this.
   */
  top_p?: number | null;
  /**
   * Samples from the k most probable tokens only; sampling reports whether the server applied it.
   */
  top_k?: number | null;
  /**
   * Penalises tokens by how often they have occurred.
   */
  frequency_penalty?: number | null;
  /**
   * Penalises tokens that have occurred at all.
   */
  presence_penalty?: number | null;
  /**
   * Asks the server for repeatable sampling.
   */
  seed?: number | null;
  /**
   * Up to four strings; the output ends before the first of them. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
   */
  stop?: string[] | null;
  /**
   * Stores the tokens' log probabilities in the trace.
   */
  logprobs?: boolean | null;
  /**
   * How many of the most probable tokens at each position the trace has with their log probabilities. Above 0 it implies logprobs; a generation has 100,000 of them at most.
   */
  top_logprobs?: number | null;
  /**
   * OpenAI's response_format, sent to the model server unchanged. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
   */
  response_format?: {
    type: 'text' | 'json_object' | 'json_schema';
    [k: string]: unknown;
  } | null;
  /**
   * Tools in the shape of OpenAI's chat completions, of type function or custom, with at most 256 KiB of JSON. Calls of them are in tool_calls of a generation; everytoken executes none. A report of sampling has the name and a hash of each.
   */
  tools?:
    | (
        | {
            type: 'function';
            function: {
              /**
               * A name for people; up to 200 characters.
               */
              name: string;
              [k: string]: unknown;
            };
            [k: string]: unknown;
          }
        | {
            type: 'custom';
            custom: {
              /**
               * A name for people; up to 200 characters.
               */
              name: string;
              [k: string]: unknown;
            };
            [k: string]: unknown;
          }
      )[]
    | null;
  /**
   * Which tools the model may or must call: none, auto, required, or an object as OpenAI takes it.
   */
  tool_choice?:
    | (
        | ('none' | 'auto' | 'required')
        | {
            type: 'function' | 'custom' | 'allowed_tools';
            [k: string]: unknown;
          }
      )
    | null;
  /**
   * Whether the model may call several tools in one answer.
   */
  parallel_tool_calls?: boolean | null;
  /**
   * Further fields for the model server, sent unchanged next to the fields above: those that its kind is known to take (GET /models), or that the operator opened. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
   */
  extra_body?: {
    [k: string]: unknown;
  } | null;
  /**
   * Whether outputs are embedded for search; true by default. Embedding diversity needs it.
   */
  index?: boolean | null;
  /**
   * Refuses sampling that the server would not apply, instead of leaving it out with a warning.
   */
  strict_sampling?: boolean | null;
  /**
   * Checks of each output. Each generation has its results; checks has the pass rate of each label.
   */
  checks?:
    | (
        | {
            type: 'contains';
            value: string;
          }
        | {
            type: 'regex';
            pattern: string;
          }
        | {
            type: 'json_schema';
            schema: {
              [k: string]: unknown;
            };
          }
        | {
            type: 'min_length';
            value: number;
          }
        | {
            type: 'max_length';
            value: number;
          }
      )[]
    | null;
  /**
   * Up to 12 pairs of your own, given to every run; comparison, block, prompt and warm_up are added.
   */
  metadata?: {
    [k: string]: string;
  } | null;
  /**
   * A name for people; up to 200 characters.
   */
  name?: string | null;
  /**
   * The prompts for every setting: texts, or objects with messages.
   *
   * @minItems 1
   * @maxItems 50
   */
  prompts: (
    | string
    | {
        /**
         * The user message. Give either prompt or messages, at most 512 KiB of UTF-8.
         */
        prompt?: string | null;
        /**
         * A conversation, instead of a prompt.
         */
        messages?:
          | (
              | {
                  role: 'system' | 'developer' | 'user';
                  content: string;
                  /**
                   * A name for people; up to 200 characters.
                   */
                  name?: string | null;
                }
              | {
                  role: 'assistant';
                  content: string;
                  /**
                   * A name for people; up to 200 characters.
                   */
                  name?: string | null;
                  /**
                   * The calls of tools in an answer of an earlier turn.
                   */
                  tool_calls?:
                    | (
                        | {
                            id: string;
                            type: 'function';
                            function: {
                              /**
                               * A name for people; up to 200 characters.
                               */
                              name: string;
                              arguments: string;
                            };
                          }
                        | {
                            id: string;
                            type: 'custom';
                            custom: {
                              /**
                               * A name for people; up to 200 characters.
                               */
                              name: string;
                              input: string;
                            };
                          }
                      )[]
                    | null;
                  /**
                   * Reasoning items of an earlier answer, sent back to a model server that speaks the Responses API; no other server gets them.
                   */
                  reasoning?: unknown[] | null;
                }
              | {
                  role: 'tool';
                  content: string;
                  /**
                   * The id of the call that this message answers.
                   */
                  tool_call_id: string;
                }
            )[]
          | null;
      }
  )[];
  /**
   * Labelled choices of model and sampling to compare; each overrides the fields of the request.
   *
   * @minItems 1
   * @maxItems 16
   */
  settings: {
    /**
     * The name of a setting, unique in its run.
     */
    label: string;
    /**
     * The model; by default the deployment's.
     */
    model?: string | null;
    /**
     * How much a reasoning model reasons before it answers.
     */
    reasoning_effort?: ('none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max') | null;
    /**
     * How the model server summarises the reasoning: auto, concise or detailed. The Responses API alone does; summaries are in reasoning of a generation.
     */
    reasoning_summary?: ('auto' | 'concise' | 'detailed') | null;
    /**
     * Upper bound of completion tokens, reasoning included; 1024 by default.
     */
    max_tokens?: number | null;
    /**
     * Sampling temperature. Sampling fields that are left out are not sent to the model server.
     */
    temperature?: number | null;
    /**
     * Nucleus sampling: only the smallest set of tokens whose probabilities add up to this.
     */
    top_p?: number | null;
    /**
     * Samples from the k most probable tokens only; sampling reports whether the server applied it.
     */
    top_k?: number | null;
    /**
     * Penalises tokens by how often they have occurred.
     */
    frequency_penalty?: number | null;
    /**
     * Penalises tokens that have occurred at all.
     */
    presence_penalty?: number | null;
    /**
     * Asks the server for repeatable sampling.
     */
    seed?: number | null;
    /**
     * Up to four strings; the output ends before the first of them. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
     */
    stop?: string[] | null;
    /**
     * Stores the tokens' log probabilities in the trace.
     */
    logprobs?: boolean | null;
    /**
     * How many of the most probable tokens at each position the trace has with their log probabilities. Above 0 it implies logprobs; a generation has 100,000 of them at most.
     */
    top_logprobs?: number | null;
    /**
     * OpenAI's response_format, sent to the model server unchanged. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
     */
    response_format?: {
      type: 'text' | 'json_object' | 'json_schema';
      [k: string]: unknown;
    } | null;
    /**
     * Tools in the shape of OpenAI's chat completions, of type function or custom, with at most 256 KiB of JSON. Calls of them are in tool_calls of a generation; everytoken executes none. A report of sampling has the name and a hash of each.
     */
    tools?:
      | (
          | {
              type: 'function';
              function: {
                /**
                 * A name for people; up to 200 characters.
                 */
                name: string;
                [k: string]: unknown;
              };
              [k: string]: unknown;
            }
          | {
              type: 'custom';
              custom: {
                /**
                 * A name for people; up to 200 characters.
                 */
                name: string;
                [k: string]: unknown;
              };
              [k: string]: unknown;
            }
        )[]
      | null;
    /**
     * Which tools the model may or must call: none, auto, required, or an object as OpenAI takes it.
     */
    tool_choice?:
      | (
          | ('none' | 'auto' | 'required')
          | {
              type: 'function' | 'custom' | 'allowed_tools';
              [k: string]: unknown;
            }
        )
      | null;
    /**
     * Whether the model may call several tools in one answer.
     */
    parallel_tool_calls?: boolean | null;
    /**
     * Further fields for the model server, sent unchanged next to the fields above: those that its kind is known to take (GET /models), or that the operator opened. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
     */
    extra_body?: {
      [k: string]: unknown;
    } | null;
  }[];
  /**
   * Outputs of each setting for each prompt; 1 by default. Diversity needs two.
   */
  samples?: number | null;
  /**
   * Limits that a generation must all keep to count for goodput_per_s.
   */
  objectives?: {
    /**
     * Maximum milliseconds to the first token.
     */
    max_ttft_ms?: number | null;
    /**
     * Maximum milliseconds to the end.
     */
    max_e2e_ms?: number | null;
    /**
     * Maximum milliseconds per output token.
     */
    max_tpot_ms?: number | null;
  } | null;
}
export interface FileRequest {
  /**
   * Its extension determines the format: .txt, .md, .json, .jsonl or .csv.
   */
  filename: string;
  /**
   * Exact size of the upload. At most 1 MiB for .txt and .md, 16 MiB for .json, 1 GiB for .jsonl and .csv.
   */
  size_bytes: number;
  /**
   * Run fields for all lines (a prompt may be a template), max_cost_usd, rerun, dry_run, mode ("batch": later, at half the price); as in a .defaults.json.
   */
  defaults?:
    | ({
        [k: string]: unknown;
      } | null)
    | null;
  purpose?: ('batch' | null) | null;
}
export interface FileEstimateRequest {
  /**
   * An uploaded file of the caller's, whatever its state once its bytes are there.
   */
  file_id?: string | null;
  /**
   * A prompt file of the caller's in the bucket: prompts/@{caller}/…
   */
  key?: string | null;
  /**
   * The name of the file whose text is `content`; its extension determines the format.
   */
  filename?: string | null;
  /**
   * The text of the file.
   */
  content?: string | null;
  /**
   * As in POST /files. Without it those of the stored file apply.
   */
  defaults?:
    | ({
        [k: string]: unknown;
      } | null)
    | null;
}
/**
 * The filters and bounds of GET /runs as fields. Null means absent.
 */
export interface ExportRequest {
  /**
   * The format of the object.
   */
  format: 'jsonl' | 'csv' | 'parquet';
  /**
   * Runs with this status.
   */
  status?: (string | null) | null;
  /**
   * Runs that requested this model.
   */
  model?: (string | null) | null;
  /**
   * Runs with a setting of this label.
   */
  label?: (string | null) | null;
  /**
   * As in GET /runs.
   */
  since?: (string | null) | null;
  /**
   * As in GET /runs; by default now.
   */
  until?: (string | null) | null;
  /**
   * Runs of the prompt file with this id.
   */
  file?: (string | null) | null;
  /**
   * Runs with all of these metadata pairs.
   */
  metadata?:
    | ({
        [k: string]: string;
      } | null)
    | null;
  min_ttft_ms?: (number | null) | null;
  max_ttft_ms?: (number | null) | null;
  min_tpot_ms?: (number | null) | null;
  max_tpot_ms?: (number | null) | null;
  min_e2e_ms?: (number | null) | null;
  max_e2e_ms?: (number | null) | null;
  min_cost_usd?: (number | null) | null;
  max_cost_usd?: (number | null) | null;
  min_tokens?: (number | null) | null;
  max_tokens?: (number | null) | null;
  /**
   * The most rows; by default all.
   */
  limit?: (number | null) | null;
  /**
   * Whole prompts and texts, instead of their first 120 characters.
   */
  texts?: (boolean | null) | null;
  /**
   * Metadata keys that get a column each.
   */
  metadata_columns?: (string[] | null) | null;
}
/**
 * OpenAI's chat completion request. Unsupported fields are refused by name. Null means absent.
 */
export interface ChatCompletionRequest {
  /**
   * The conversation; content is a text or a list of text parts. Turns of functions, the older form of tools, are taken too.
   *
   * @minItems 1
   * @maxItems 1000
   */
  messages: (
    | {
        role: 'system' | 'developer' | 'user';
        content:
          | string
          | {
              type: 'text';
              text: string;
            }[];
        name?: string | null;
      }
    | {
        role: 'assistant';
        content:
          | string
          | {
              type: 'text';
              text: string;
            }[];
        name?: string | null;
        /**
         * The calls of tools in an answer of an earlier turn.
         */
        tool_calls?:
          | (
              | {
                  id: string;
                  type: 'function';
                  function: {
                    name: string;
                    arguments: string;
                  };
                }
              | {
                  id: string;
                  type: 'custom';
                  custom: {
                    name: string;
                    input: string;
                  };
                }
            )[]
          | null;
        /**
         * Reasoning items of an earlier answer, sent back to a model server that speaks the Responses API; no other server gets them.
         */
        reasoning?: unknown[] | null;
      }
    | {
        role: 'tool';
        content:
          | string
          | {
              type: 'text';
              text: string;
            }[];
        /**
         * The id of the call that this message answers.
         */
        tool_call_id: string;
      }
  )[];
  /**
   * The model; by default the deployment's.
   */
  model?: string | null;
  /**
   * The older name of max_completion_tokens; give only one of them.
   */
  max_tokens?: number | null;
  /**
   * Sampling temperature. Sampling fields that are left out are not sent to the model server.
   */
  temperature?: number | null;
  /**
   * Nucleus sampling: only the smallest set of tokens whose probabilities add up to this.
   */
  top_p?: number | null;
  /**
   * Penalises tokens by how often they have occurred.
   */
  frequency_penalty?: number | null;
  /**
   * Penalises tokens that have occurred at all.
   */
  presence_penalty?: number | null;
  /**
   * Asks the server for repeatable sampling.
   */
  seed?: number | null;
  /**
   * Up to four strings; the output ends before the first of them. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
   */
  stop?: string[] | null;
  /**
   * Returns the tokens' log probabilities.
   */
  logprobs?: boolean | null;
  /**
   * Number of most probable tokens to return at each position; needs logprobs.
   */
  top_logprobs?: number | null;
  /**
   * OpenAI's response_format, sent to the model server unchanged. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
   */
  response_format?: {
    type: 'text' | 'json_object' | 'json_schema';
    [k: string]: unknown;
  } | null;
  /**
   * Tools in the shape of OpenAI's chat completions, of type function or custom, with at most 256 KiB of JSON. Calls of them are in tool_calls of a generation; everytoken executes none. A report of sampling has the name and a hash of each.
   */
  tools?:
    | (
        | {
            type: 'function';
            function: {
              name: string;
              [k: string]: unknown;
            };
            [k: string]: unknown;
          }
        | {
            type: 'custom';
            custom: {
              name: string;
              [k: string]: unknown;
            };
            [k: string]: unknown;
          }
      )[]
    | null;
  /**
   * Which tools the model may or must call: none, auto, required, or an object as OpenAI takes it.
   */
  tool_choice?:
    | (
        | ('none' | 'auto' | 'required')
        | {
            type: 'function' | 'custom' | 'allowed_tools';
            [k: string]: unknown;
          }
      )
    | null;
  /**
   * Whether the model may call several tools in one answer.
   */
  parallel_tool_calls?: boolean | null;
  /**
   * How much a reasoning model reasons before it answers.
   */
  reasoning_effort?: ('none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max') | null;
  /**
   * How the model server summarises the reasoning: auto, concise or detailed. The Responses API alone does; summaries are in reasoning of a generation.
   */
  reasoning_summary?: ('auto' | 'concise' | 'detailed') | null;
  /**
   * Up to 16 pairs of your own; keys have up to 64 and values up to 512 characters.
   */
  metadata?: {
    [k: string]: string;
  } | null;
  /**
   * false: prompt and outputs are for this answer alone. Figures, settings and results of checks are kept; texts, tool calls and log probabilities are never stored with the outputs, and the prompt is deleted when the run ends. Implies index: false. true by default.
   */
  store?: boolean | null;
  /**
   * Streams the answer as server-sent events.
   */
  stream?: boolean | null;
  /**
   * Upper bound of completion tokens, reasoning included; 4,096 by default.
   */
  max_completion_tokens?: number | null;
  /**
   * Sent to the model server unchanged.
   */
  logit_bias?: {
    [k: string]: number;
  } | null;
  /**
   * Sent to the model server unchanged.
   */
  verbosity?: ('low' | 'medium' | 'high') | null;
  /**
   * Sent to the model server unchanged.
   */
  user?: string | null;
  /**
   * Sent to the model server unchanged.
   */
  safety_identifier?: string | null;
  /**
   * Sent to the model server unchanged.
   */
  prompt_cache_key?: string | null;
  /**
   * Sent to the model server unchanged.
   */
  prompt_cache_retention?: string | null;
  /**
   * Sent to the model server unchanged.
   */
  prompt_cache_options?: {
    [k: string]: unknown;
  } | null;
  /**
   * A predicted output, sent to the model server unchanged. Budgets also reserve its bytes as completion tokens.
   */
  prediction?: {
    type: 'content';
    [k: string]: unknown;
  } | null;
  /**
   * Sent to the model server unchanged; its results are not in the answer.
   */
  moderation?: {
    /**
     * The model; by default the deployment's.
     */
    model: string;
    [k: string]: unknown;
  } | null;
  /**
   * The older form of tools; the answer then has function_call instead of tool_calls.
   */
  functions?:
    | {
        name: string;
        [k: string]: unknown;
      }[]
    | null;
  /**
   * The older form of tool_choice.
   */
  function_call?:
    | (
        | ('none' | 'auto')
        | {
            name: string;
            [k: string]: unknown;
          }
      )
    | null;
  /**
   * The number of choices, each a generation of the run; 1 by default.
   */
  n?: number | null;
  /**
   * Options of a streamed answer.
   */
  stream_options?: {
    /**
     * Sends the usage and the run's figures in an extra last chunk.
     */
    include_usage?: boolean | null;
    /**
     * Pads chunks with random characters; false by default.
     */
    include_obfuscation?: boolean | null;
  } | null;
  /**
   * Must be ["text"]: outputs are text only.
   */
  modalities?: ['text'] | null;
  /**
   * Not sent: prices and budgets are those of the standard tier, which the answer names.
   */
  service_tier?: ('auto' | 'default' | 'flex' | 'scale' | 'priority' | 'fast') | null;
  /**
   * Samples from the k most probable tokens only; sampling reports whether the server applied it.
   */
  top_k?: number | null;
  /**
   * Further fields for the model server, sent unchanged next to the fields above: those that its kind is known to take (GET /models), or that the operator opened. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
   */
  extra_body?: {
    [k: string]: unknown;
  } | null;
  /**
   * Whether outputs are embedded for search; true by default.
   */
  index?: boolean | null;
  /**
   * Refuses sampling that the server would not apply, instead of leaving it out with a warning.
   */
  strict_sampling?: boolean | null;
  /**
   * Checks of each output. Each generation has its results; checks has the pass rate of each label.
   */
  checks?:
    | (
        | {
            type: 'contains';
            value: string;
          }
        | {
            type: 'regex';
            pattern: string;
          }
        | {
            type: 'json_schema';
            schema: {
              [k: string]: unknown;
            };
          }
        | {
            type: 'min_length';
            value: number;
          }
        | {
            type: 'max_length';
            value: number;
          }
      )[]
    | null;
  /**
   * Any name of the conversation that the run is a turn of, also as header x-everytoken-conversation. Without it a run of one output whose messages continue those and the answer of an earlier run is linked to that by itself.
   */
  conversation?: string | null;
  /**
   * The label of the run's setting in lists and search, instead of default.
   */
  label?: string | null;
}
/**
 * OpenAI's request for a completion of a prompt. Unsupported fields are refused by name. Null means absent.
 */
export interface CompletionRequest {
  /**
   * The text that the model goes on from, sent as it is, without a chat template; or a list of one text.
   */
  prompt: (string | string[]) & string;
  /**
   * The model; by default the deployment's.
   */
  model?: string | null;
  /**
   * Upper bound of completion tokens; 16 by default.
   */
  max_tokens?: number | null;
  /**
   * Sampling temperature. Sampling fields that are left out are not sent to the model server.
   */
  temperature?: number | null;
  /**
   * Nucleus sampling: only the smallest set of tokens whose probabilities add up to this.
   */
  top_p?: number | null;
  /**
   * Penalises tokens by how often they have occurred.
   */
  frequency_penalty?: number | null;
  /**
   * Penalises tokens that have occurred at all.
   */
  presence_penalty?: number | null;
  /**
   * Asks the server for repeatable sampling.
   */
  seed?: number | null;
  /**
   * Up to four strings; the output ends before the first of them. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
   */
  stop?: string[] | null;
  /**
   * Streams the answer as server-sent events.
   */
  stream?: boolean | null;
  /**
   * The number of choices, each a generation of the run; 1 by default.
   */
  n?: number | null;
  /**
   * Must be 1.
   */
  best_of?: 1 | null;
  /**
   * Must be false.
   */
  echo?: false | null;
  /**
   * Returns the log probabilities of the tokens, and of so many alternatives at each position.
   */
  logprobs?: number | null;
  /**
   * Sent to the model server unchanged.
   */
  logit_bias?: {
    [k: string]: number;
  } | null;
  /**
   * The text after the completion, for models that insert; sent to the model server unchanged.
   */
  suffix?: string | null;
  /**
   * Sent to the model server unchanged.
   */
  user?: string | null;
  /**
   * Options of a streamed answer.
   */
  stream_options?: {
    /**
     * Sends the usage and the run's figures in an extra last chunk.
     */
    include_usage?: boolean | null;
    /**
     * Pads chunks with random characters; false by default.
     */
    include_obfuscation?: boolean | null;
  } | null;
  /**
   * false: prompt and outputs are for this answer alone. Figures, settings and results of checks are kept; texts, tool calls and log probabilities are never stored with the outputs, and the prompt is deleted when the run ends. Implies index: false. true by default.
   */
  store?: boolean | null;
  /**
   * Up to 16 pairs of your own; keys have up to 64 and values up to 512 characters.
   */
  metadata?: {
    [k: string]: string;
  } | null;
  /**
   * Samples from the k most probable tokens only; sampling reports whether the server applied it.
   */
  top_k?: number | null;
  /**
   * Further fields for the model server, sent unchanged next to the fields above: those that its kind is known to take (GET /models), or that the operator opened. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
   */
  extra_body?: {
    [k: string]: unknown;
  } | null;
  /**
   * Whether outputs are embedded for search; true by default.
   */
  index?: boolean | null;
  /**
   * Refuses sampling that the server would not apply, instead of leaving it out with a warning.
   */
  strict_sampling?: boolean | null;
  /**
   * Checks of each output. Each generation has its results; checks has the pass rate of each label.
   */
  checks?:
    | (
        | {
            type: 'contains';
            value: string;
          }
        | {
            type: 'regex';
            pattern: string;
          }
        | {
            type: 'json_schema';
            schema: {
              [k: string]: unknown;
            };
          }
        | {
            type: 'min_length';
            value: number;
          }
        | {
            type: 'max_length';
            value: number;
          }
      )[]
    | null;
  /**
   * Any name of the conversation that the run is a turn of, also as header x-everytoken-conversation. Without it a run of one output whose messages continue those and the answer of an earlier run is linked to that by itself.
   */
  conversation?: string | null;
  /**
   * The label of the run's setting in lists and search, instead of default.
   */
  label?: string | null;
}
/**
 * OpenAI's embeddings request. Other fields are refused by name. Null means absent.
 */
export interface EmbeddingsRequest {
  /**
   * A text, up to 2,048 texts, or token ids (300,000 at most) where the server takes them.
   */
  input: string | string[] | number[] | number[][];
  /**
   * The deployment's embedding model, EMBEDDING_MODEL.
   */
  model: string;
  /**
   * float by default.
   */
  encoding_format?: ('float' | 'base64') | null;
  /**
   * Of each vector; the deployment's EMBEDDING_DIMENSIONS by default.
   */
  dimensions?: number | null;
  /**
   * Sent to the embeddings server unchanged.
   */
  user?: string | null;
}
/**
 * OpenAI's request for a response. Unsupported fields are refused by name. Null means absent.
 */
export interface ResponseRequest {
  /**
   * The model; by default the deployment's.
   */
  model?: string | null;
  /**
   * Sampling temperature. Sampling fields that are left out are not sent to the model server.
   */
  temperature?: number | null;
  /**
   * Nucleus sampling: only the smallest set of tokens whose probabilities add up to this.
   */
  top_p?: number | null;
  /**
   * Samples from the k most probable tokens only; sampling reports whether the server applied it.
   */
  top_k?: number | null;
  /**
   * How many of the most probable tokens at each position the trace has with their log probabilities. Above 0 it implies logprobs; a generation has 100,000 of them at most.
   */
  top_logprobs?: number | null;
  /**
   * Penalises tokens by how often they have occurred.
   */
  frequency_penalty?: number | null;
  /**
   * Penalises tokens that have occurred at all.
   */
  presence_penalty?: number | null;
  /**
   * Asks the server for repeatable sampling.
   */
  seed?: number | null;
  /**
   * Up to four strings; the output ends before the first of them. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
   */
  stop?: string[] | null;
  /**
   * Whether the model may call several tools in one answer.
   */
  parallel_tool_calls?: boolean | null;
  /**
   * Up to 16 pairs of your own; keys have up to 64 and values up to 512 characters.
   */
  metadata?: {
    [k: string]: string;
  } | null;
  /**
   * false: prompt and outputs are for this answer alone. Figures, settings and results of checks are kept; texts, tool calls and log probabilities are never stored with the outputs, and the prompt is deleted when the run ends. Implies index: false. true by default.
   */
  store?: boolean | null;
  /**
   * Streams the answer as server-sent events.
   */
  stream?: boolean | null;
  /**
   * Answers at once with a response that is read later. With stream it is streamed as any other.
   */
  background?: boolean | null;
  /**
   * Further fields for the model server, sent unchanged next to the fields above: those that its kind is known to take (GET /models), or that the operator opened. stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.
   */
  extra_body?: {
    [k: string]: unknown;
  } | null;
  /**
   * Whether outputs are embedded for search; true by default.
   */
  index?: boolean | null;
  /**
   * Refuses sampling that the server would not apply, instead of leaving it out with a warning.
   */
  strict_sampling?: boolean | null;
  /**
   * Checks of each output. Each generation has its results; checks has the pass rate of each label.
   */
  checks?:
    | (
        | {
            type: 'contains';
            value: string;
          }
        | {
            type: 'regex';
            pattern: string;
          }
        | {
            type: 'json_schema';
            schema: {
              [k: string]: unknown;
            };
          }
        | {
            type: 'min_length';
            value: number;
          }
        | {
            type: 'max_length';
            value: number;
          }
      )[]
    | null;
  /**
   * message.output_text.logprobs and reasoning.encrypted_content.
   */
  include?: ('message.output_text.logprobs' | 'reasoning.encrypted_content')[] | null;
  /**
   * A text of the user, or a list of items: messages of text parts, calls of functions and of custom tools, their outputs, and reasoning. An item_reference names an output item of a stored response.
   */
  input: string | {}[];
  /**
   * A message of the system before the conversation; the next response does not take it over.
   */
  instructions?: string | null;
  /**
   * The label of the run's setting in lists and search, instead of default.
   */
  label?: string | null;
  /**
   * Upper bound of output tokens, reasoning included; 4,096 by default.
   */
  max_output_tokens?: number | null;
  /**
   * Bounds hosted tools, of which there are none.
   */
  max_tool_calls?: number | null;
  /**
   * Sent to the model server unchanged; its results are not in the answer.
   */
  moderation?: {
    /**
     * The model; by default the deployment's.
     */
    model: string;
    [k: string]: unknown;
  } | null;
  /**
   * A stored response that has ended: its conversation without its instructions, and its output, come before the input.
   */
  previous_response_id?: string | null;
  /**
   * Sent to the model server unchanged.
   */
  prompt_cache_key?: string | null;
  /**
   * Sent to the model server unchanged.
   */
  prompt_cache_options?: {
    [k: string]: unknown;
  } | null;
  /**
   * Sent to the model server unchanged.
   */
  prompt_cache_retention?: string | null;
  /**
   * The effort of reasoning, and the summary of it.
   */
  reasoning?: {
    /**
     * As reasoning_effort of a run.
     */
    effort?: ('none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max') | null;
    /**
     * Asks a model server that speaks the Responses API for summaries of the reasoning.
     */
    summary?: ('auto' | 'concise' | 'detailed') | null;
    /**
     * The older name of summary.
     */
    generate_summary?: ('auto' | 'concise' | 'detailed') | null;
  } | null;
  /**
   * Sent to the model server unchanged.
   */
  safety_identifier?: string | null;
  /**
   * Not sent: prices and budgets are those of the standard tier, which the answer names.
   */
  service_tier?: ('auto' | 'default' | 'flex' | 'scale' | 'priority' | 'fast' | 'ultrafast') | null;
  /**
   * Options of a streamed answer.
   */
  stream_options?: {
    /**
     * Pads deltas with random characters; false by default.
     */
    include_obfuscation?: boolean | null;
  } | null;
  /**
   * The format of the text, and its verbosity, which is sent to the model server unchanged.
   */
  text?: {
    /**
     * text, json_object, or a JSON schema in the flat form.
     */
    format?: {
      type: 'text' | 'json_object' | 'json_schema';
      [k: string]: unknown;
    } | null;
    /**
     * Sent to the model server unchanged.
     */
    verbosity?: ('low' | 'medium' | 'high') | null;
  } | null;
  /**
   * none, auto, required, or an object of type function, custom or allowed_tools in the flat form.
   */
  tool_choice?:
    | (
        | ('none' | 'auto' | 'required')
        | {
            type: 'function' | 'custom' | 'allowed_tools';
            [k: string]: unknown;
          }
      )
    | null;
  /**
   * Functions and custom tools in the flat form. Hosted tools are refused.
   */
  tools?:
    | (
        | {
            type: 'function';
            name: string;
            defer_loading?: false | null;
            allowed_callers?: null;
            [k: string]: unknown;
          }
        | {
            type: 'custom';
            name: string;
            [k: string]: unknown;
          }
      )[]
    | null;
  /**
   * disabled, or auto where the model server truncates: servers of chat completions refuse it by name.
   */
  truncation?: ('auto' | 'disabled') | null;
  /**
   * Sent to the model server unchanged.
   */
  user?: string | null;
}
/**
 * The form of an input file, of 4 MiB at most.
 */
export interface OpenAIFileForm {
  /**
   * Lines for the Batch API, in UTF-8.
   */
  file: string;
  purpose: 'batch';
}
/**
 * OpenAI's request for a batch. Other fields are refused by name. Null means absent.
 */
export interface OpenAIBatchRequest {
  /**
   * The id of an input file, of POST /v1/files or of POST /files with purpose batch.
   */
  input_file_id: string;
  /**
   * The url of every line; a line with another one fails alone.
   */
  endpoint: '/v1/chat/completions' | '/v1/responses' | '/v1/embeddings';
  /**
   * Must be 24h. Batches do not expire.
   */
  completion_window: '24h';
  /**
   * 16 pairs at most.
   */
  metadata?:
    | ({
        [k: string]: string;
      } | null)
    | null;
}
/**
 * The setting that is best in a figure.
 */
export interface Best {
  /**
   * Null when the best ones are equal, or fewer than two settings have six known values.
   */
  label: string | null;
  /**
   * The figure that this rests on.
   */
  figure: 'e2e_ms' | 'cost_usd' | 'embedding_diversity' | 'pass_rate';
  /**
   * Whether it is clearly better than every other setting.
   */
  clear: boolean;
  /**
   * The settings that it is not clearly better than, and those with too few known values.
   */
  not_told_from: string[];
  /**
   * The same in words, with the reason where no setting is named.
   */
  sentence: string;
}
/**
 * A caller, as an operator sees it.
 */
export interface Caller {
  caller: string;
  /**
   * When its newest run was accepted; null without any.
   */
  last_used_at: string | null;
  /**
   * The caller's budget of today; null without one.
   */
  budget: {
    /**
     * UTC.
     */
    day: string;
    resets_at: string;
    /**
     * Null when not limited.
     */
    tokens: {
      limit: number;
      /**
       * Includes the reservations of runs under way.
       */
      used: number;
      left: number;
    } | null;
    /**
     * US dollars; null when not limited.
     */
    cost_usd: {
      limit: number;
      /**
       * Includes the reservations of runs under way.
       */
      used: number;
      left: number;
    } | null;
  } | null;
  /**
   * Stored keys; those of EVERYTOKEN_API_KEYS are not counted. Null until everytoken keys has listed or changed one.
   */
  keys: {
    valid: number;
    disabled: number;
    /**
     * They are an operator's.
     */
    operator: boolean;
  } | null;
}
export interface CallerList {
  data: Caller[];
  next_cursor: string | null;
}
/**
 * A run in OpenAI's format, with a choice for each of its generations.
 */
export interface ChatCompletion {
  /**
   * chatcmpl- followed by the run's id.
   */
  id: string;
  object: 'chat.completion';
  /**
   * When the run was accepted, in seconds since 1970.
   */
  created: number;
  /**
   * The model that answered.
   */
  model: string;
  choices: {
    index: number;
    message: {
      role: 'assistant';
      /**
       * Null beside a refusal or calls of tools without text.
       */
      content: string | null;
      refusal: string | null;
      tool_calls?: ToolCall[];
      /**
       * Instead of tool_calls where the request has functions.
       */
      function_call?: {
        name: string;
        arguments: string;
      };
    };
    /**
     * As sent by the model server; null unless requested with logprobs: true.
     */
    logprobs: {
      content: TokenLogprob[] | null;
      refusal: TokenLogprob[] | null;
    } | null;
    finish_reason: string | null;
  }[];
  /**
   * Where the request named a tier: prices and budgets are those of the standard one.
   */
  service_tier?: 'default';
  /**
   * The sum over all choices; absent when the model server did not report it.
   */
  usage?: {
    prompt_tokens: number;
    completion_tokens: number;
    total_tokens: number;
    prompt_tokens_details?: {
      cached_tokens: number;
    };
    completion_tokens_details?: {
      reasoning_tokens: number;
    };
  };
  everytoken: RunFigures;
}
/**
 * A call of a tool, in the shape of OpenAI's chat completions.
 */
export interface ToolCall {
  [k: string]: unknown;
}
/**
 * A token of an output, in the shape of OpenAI's logprobs.
 */
export interface TokenLogprob {
  token: string;
  /**
   * Natural logarithm of its probability; null when the server sent none.
   */
  logprob: number | null;
  /**
   * Its bytes in UTF-8; null when it has none, or the server sent none.
   */
  bytes: number[] | null;
  /**
   * The most probable tokens at its place, up to top_logprobs of them; empty without it, and after the first 100,000 of an output.
   */
  top_logprobs: ScoredToken[];
}
/**
 * A token and its probability.
 */
export interface ScoredToken {
  token: string;
  /**
   * Natural logarithm of its probability; null when the server sent none.
   */
  logprob: number | null;
  /**
   * Its bytes in UTF-8; null when it has none, or the server sent none.
   */
  bytes: number[] | null;
}
/**
 * The run's figures, as in GET /runs/{id}.
 */
export interface RunFigures {
  run_id: string;
  /**
   * Of the first choice.
   */
  timing: Timing | null;
  /**
   * Of all choices; null when a price is unknown. US dollars.
   */
  cost_usd: number | null;
  /**
   * Those of each choice; only with several.
   */
  generations?: {
    index: number;
    timing: Timing | null;
    /**
     * Null when the price is unknown. US dollars.
     */
    cost_usd: number | null;
  }[];
}
/**
 * All timing figures of one generation, from one monotonic clock; null is unknown.
 */
export interface Timing {
  /**
   * t0 on the wall clock: immediately before the request was dispatched.
   */
  started_at: string;
  /**
   * tR - t0: until the first event of any kind. Milliseconds.
   */
  ttfr_ms: number | null;
  /**
   * t1 - t0: time to first token, which is the first non-empty payload. Milliseconds.
   */
  ttft_ms: number | null;
  /**
   * tO - t0: until the first visible content. Milliseconds.
   */
  ttfo_ms: number | null;
  /**
   * tL - t0: until the last non-empty payload. Milliseconds.
   */
  ttlt_ms: number | null;
  /**
   * tE - t0: until the end of the stream. Milliseconds.
   */
  e2e_ms: number;
  /**
   * DNS, TCP and TLS of a new connection, 0 on a reused one; part of ttft_ms. Null when not observable. Milliseconds.
   */
  connect_ms: number | null;
  /**
   * Time per output token: (tL - t1)/(N - 1); with reasoning that is counted but not streamed: (tL - tO)/(V - 1), V = N - R. Milliseconds.
   */
  tpot_ms: number | null;
  /**
   * e2e_ms / 1000 / N, including the wait for the first token. Seconds.
   */
  seconds_per_token: number | null;
  /**
   * 1000 / tpot_ms.
   */
  decode_tokens_per_second: number | null;
  /**
   * 1000 * N / e2e_ms.
   */
  tokens_per_second: number | null;
  /**
   * Gaps between consecutive non-empty chunks, one fewer than chunks.
   */
  chunk_gaps_ms: Spread;
  /**
   * Inter-token latency: a chunk of k tokens after a gap g gives k samples of g/k. Null when k is unknown.
   */
  itl_ms: Spread | null;
  /**
   * The source of the token counts.
   */
  token_count_source: 'usage' | 'logprobs' | 'continuous_usage' | 'tokenizer' | 'none';
  /**
   * The longest of the gaps; null with fewer than two chunks. Milliseconds.
   */
  longest_gap_ms: number | null;
  /**
   * Index in the trace of the chunk after that gap; null in runs of before 2026-11-30, whose trace names it.
   */
  longest_gap_chunk: number | null;
  /**
   * (streamed tokens - 1)/(chunks - 1).
   */
  chunk_density: number | null;
  /**
   * Whether this was the execution environment's first invocation.
   */
  cold_start: boolean;
  /**
   * The longest that bytes which had arrived can have waited to be read, over the marks t1, tO, tL and tE: in 99 of 100 generations no time is wrong by more. Null where it cannot be measured, and in runs of before 2026-11-29. Milliseconds.
   */
  uncertainty_ms: number | null;
  /**
   * The figures whose own bound exceeds 5 ms and 5 % of them; comparisons leave these out.
   */
  uncertain: ('ttfr_ms' | 'ttft_ms' | 'ttfo_ms' | 'ttlt_ms' | 'e2e_ms' | 'tpot_ms')[];
}
/**
 * A summary of times in milliseconds; percentiles by linear interpolation.
 */
export interface Spread {
  n: number;
  mean: number | null;
  /**
   * Sample standard deviation.
   */
  std: number | null;
  min: number | null;
  p50: number | null;
  p90: number | null;
  /**
   * Needs 20 values.
   */
  p95: number | null;
  /**
   * Needs 100 values.
   */
  p99: number | null;
  max: number | null;
}
export interface ChatCompletionChunk {
  id: string;
  object: 'chat.completion.chunk';
  created: number;
  model: string;
  choices: {
    index: number;
    delta: {
      role?: 'assistant';
      content?: string | null;
      refusal?: string | null;
      tool_calls?: {
        /**
         * The place of the call among those of its choice.
         */
        index: number;
        id?: string;
        type?: 'function' | 'custom';
        function?: {
          name?: string;
          arguments?: string;
        };
        custom?: {
          name?: string;
          input?: string;
        };
      }[];
      function_call?: {
        name?: string;
        arguments?: string;
      };
    };
    /**
     * As sent by the model server; null unless requested with logprobs: true.
     */
    logprobs: {
      content: TokenLogprob[] | null;
      refusal: TokenLogprob[] | null;
    } | null;
    finish_reason: string | null;
  }[];
  /**
   * Where the request named a tier: prices and budgets are those of the standard one.
   */
  service_tier?: 'default';
  usage?: {
    prompt_tokens: number;
    completion_tokens: number;
    total_tokens: number;
    prompt_tokens_details?: {
      cached_tokens: number;
    };
    completion_tokens_details?: {
      reasoning_tokens: number;
    };
  } | null;
  /**
   * Beside the usage in the last chunk.
   */
  everytoken?: RunFigures;
  /**
   * Random characters, with stream_options.include_obfuscation.
   */
  obfuscation?: string;
}
/**
 * The result of one check of an output.
 */
export interface CheckResult {
  type: 'contains' | 'regex' | 'json_schema' | 'min_length' | 'max_length';
  passed: boolean;
  /**
   * Why the check failed; null when it passed.
   */
  message: string | null;
}
/**
 * How different a setting's outputs to the same prompt are; each figure is its mean over the prompts.
 */
export interface ComparedDiversity {
  /**
   * Prompts with at least two outputs of this setting.
   */
  prompts: number;
  /**
   * 1 - mean cosine similarity over the pairs of a prompt.
   */
  embedding_diversity: number | null;
  /**
   * 95% interval for these prompts, from the combined jackknife errors of the prompts.
   */
  embedding_diversity_interval: [number, number] | null;
  /**
   * Vendi score: exp of the entropy of the eigenvalues of the cosine matrix / n; from 1 to n.
   */
  vendi: number | null;
  /**
   * Unique words / all words.
   */
  distinct_1: number | null;
  /**
   * Unique 2-grams / all 2-grams.
   */
  distinct_2: number | null;
  /**
   * Unique 3-grams / all 3-grams.
   */
  distinct_3: number | null;
  /**
   * Mean BLEU-4 of each text against the others; high means similar.
   */
  self_bleu_4: number | null;
  /**
   * UTF-8 bytes of the joined texts / their gzip bytes; high means repetitive.
   */
  compression_ratio: number | null;
  /**
   * 1 - unique texts / n.
   */
  duplicate_rate: number | null;
  /**
   * Words of each text that the n-gram figures use: the length of the shortest text.
   */
  words_cut: number | null;
  /**
   * Mean number of words of a text before that cut.
   */
  words_uncut: number | null;
}
/**
 * The figures of a setting. Times are in milliseconds.
 */
export interface ComparedSetting {
  label: string;
  model: string;
  /**
   * Sampling as requested.
   */
  requested: {
    [k: string]: unknown;
  };
  /**
   * As reported by one of its outputs; null until the comparison is completed.
   */
  sampling: Sampling | null;
  /**
   * The label of an earlier setting that came to the same request: same model, same fields sent. This one is then in no difference.
   */
  same_as: string | null;
  /**
   * Completed generations.
   */
  n: number;
  /**
   * Failed generations; they are in none of the figures.
   */
  failed: number;
  /**
   * The failed generations by error code; not_generated for those that never began. Empty in comparisons that ended before 2026-11-29.
   */
  errors: {
    [k: string]: number;
  };
  ttft_ms: ComparedSpread;
  tpot_ms: ComparedSpread;
  e2e_ms: ComparedSpread;
  /**
   * 1000 * N / e2e_ms of each generation.
   */
  tokens_per_second: ComparedSpread;
  /**
   * Warm generations whose time is uncertain; the spread of that time excludes them.
   */
  uncertain: {
    ttft_ms: number;
    tpot_ms: number;
    e2e_ms: number;
  };
  /**
   * Generations with a cold start; the spreads of times above exclude them.
   */
  cold: {
    n: number;
    ttft_ms: Spread;
    e2e_ms: Spread;
  };
  /**
   * Tokens of each generation.
   */
  completion_tokens: Spread;
  cost_usd: {
    /**
     * Sum of the known costs. US dollars; null when none is known.
     */
    total: number | null;
    /**
     * Mean of a generation. US dollars.
     */
    mean: number | null;
    /**
     * Generations whose price is unknown.
     */
    unpriced: number;
  };
  /**
   * Generations that met every objective; null without objectives.
   */
  objectives_met: number | null;
  /**
   * objectives_met / wall time in seconds. The settings ran in the same time. Null without objectives.
   */
  goodput_per_s: number | null;
  /**
   * Null without checks.
   */
  pass_rate: PassRate | null;
  diversity: ComparedDiversity | null;
  /**
   * In a comparison of more than 5 MB: the fields that are null or empty here only because of its size.
   */
  left_out?: {
    fields: ('requested' | 'sampling')[];
    /**
     * The path of the comparison's runs, below the API's address.
     */
    read_at: string;
  };
}
/**
 * Sampling as requested, as sent and as applied.
 */
export interface Sampling {
  /**
   * As requested.
   */
  requested: {
    [k: string]: unknown;
  };
  /**
   * As sent to the model server.
   */
  sent: {
    [k: string]: unknown;
  };
  /**
   * As the server applied it; null for fields that it did not apply, or is not known to.
   */
  effective: {
    [k: string]: unknown;
  };
  /**
   * Fields that were left out or changed, with the reason, and the shutdown date of the model.
   */
  warnings: string[];
}
/**
 * A summary of times in milliseconds, with the intervals of two percentiles.
 */
export interface ComparedSpread {
  n: number;
  mean: number | null;
  /**
   * Sample standard deviation.
   */
  std: number | null;
  min: number | null;
  p50: number | null;
  p90: number | null;
  /**
   * Needs 20 values.
   */
  p95: number | null;
  /**
   * Needs 100 values.
   */
  p99: number | null;
  max: number | null;
  /**
   * 95% interval of p50, whatever the distribution; null below 6 values.
   */
  p50_interval: [number, number] | null;
  /**
   * 95% interval of p90, whatever the distribution; null below 29 values.
   */
  p90_interval: [number, number] | null;
}
/**
 * The share of a setting's outputs that passed.
 */
export interface PassRate {
  /**
   * Outputs with a text.
   */
  n: number;
  /**
   * Outputs that passed every check.
   */
  passed: number;
  /**
   * passed / n; null without outputs.
   */
  rate: number | null;
  /**
   * 95% Wilson interval of the rate; null without outputs.
   */
  interval: [number, number] | null;
}
/**
 * The output of one setting in a block.
 */
export interface ComparedText {
  label: string;
  run_id: string;
  /**
   * Of the generation in its run.
   */
  index: number;
  /**
   * pending: not generated yet. absent: never generated, since the comparison was stopped before, or its run is no longer kept. deleted: its run was deleted.
   */
  status: 'completed' | 'failed' | 'pending' | 'absent' | 'deleted';
  /**
   * Null unless it is completed and not left out.
   */
  text: string | null;
  /**
   * Whether all checks passed; null without checks or without a text.
   */
  passed: boolean | null;
  /**
   * In an answer of more than 5 MB: the text is null here only because of its size.
   */
  left_out?: {
    fields: 'text'[];
    /**
     * The path of the generation, below the API's address.
     */
    read_at: string;
  };
}
/**
 * Prompts x settings x samples, compared.
 */
export interface Comparison {
  id: string;
  object: 'comparison';
  /**
   * As given in the request.
   */
  name: string | null;
  /**
   * generated: every output exists and embeddings follow. The last three are final.
   */
  status: 'generating' | 'generated' | 'completed' | 'completed_with_errors' | 'failed';
  created_at: string;
  prompts: number;
  samples: number;
  objectives: {
    max_ttft_ms?: number;
    max_e2e_ms?: number;
    max_tpot_ms?: number;
  } | null;
  metadata: {
    [k: string]: string;
  };
  progress: {
    /**
     * Prompts x samples; each block is a run.
     */
    blocks: number;
    /**
     * Blocks of which every generation has been answered or has failed.
     */
    done: number;
    /**
     * Blocks x settings.
     */
    generations: number;
    /**
     * Generations with an answer, of all settings.
     */
    completed: number;
    /**
     * Generations without one, of all settings; the errors of each setting say why.
     */
    failed: number;
  };
  /**
   * In the order of the request.
   */
  settings: ComparedSetting[];
  /**
   * Empty until every block is done.
   */
  differences: Difference[];
  /**
   * Null until the comparison has ended and its vectors are there.
   */
  verdict: Verdict | null;
  /**
   * A small request to each model before the first block; it is in none of the figures.
   */
  warm_up: {
    runs: number;
    failed: number;
    /**
     * US dollars; null when unknown.
     */
    cost_usd: number | null;
    excluded: true;
  };
  cold_starts: {
    /**
     * Generations of all settings with a cold start; the times exclude them.
     */
    n: number;
  };
  /**
   * From the first dispatch to the last end of the measured generations. Milliseconds.
   */
  wall_time_ms: number | null;
  /**
   * When its caller cancelled it; null otherwise.
   */
  stopped: {
    code: 'cancelled' | 'max_cost_reached';
    at: string;
  } | null;
  /**
   * Notes on how the figures were obtained and what they lack.
   */
  notes: string[];
  /**
   * Why the comparison could not be taken in; null otherwise, also when generations failed.
   */
  error: {
    code: string;
    message: string;
  } | null;
  /**
   * The outputs, block by block; null until the comparison has ended, unless `texts=true`. Read from the runs each time, so that a deleted run leaves no text here.
   */
  texts:
    | {
        /**
         * From 1 on, in the order in which they began.
         */
        block: number;
        /**
         * The prompt's place in the request, from 0 on.
         */
        prompt: number;
        /**
         * One for each setting, in the order of the request.
         */
        outputs: ComparedText[];
      }[]
    | null;
}
/**
 * The difference of two settings in a figure, block by block.
 */
export interface Difference {
  a: string;
  b: string;
  figure:
    'ttft_ms' | 'tpot_ms' | 'e2e_ms' | 'cost_usd' | 'completion_tokens' | 'pass_rate' | 'embedding_diversity';
  /**
   * Pairs: blocks, or prompts for embedding_diversity.
   */
  n: number;
  /**
   * Pairs that lack a value.
   */
  left_out: number;
  /**
   * The pairs of left_out by the first reason that holds: a failed generation, a cold start (times only), an uncertain time of any setting in the block, a value that is not known.
   */
  left_out_by: {
    failed: number;
    cold: number;
    uncertain: number;
    unknown: number;
  };
  /**
   * The median of a - b over the pairs; for pass_rate and embedding_diversity a - b. Null when no pair has both values.
   */
  difference: number | null;
  /**
   * 95% interval of this difference alone, whatever the distribution; null with fewer than six pairs.
   */
  interval: [number, number] | null;
  /**
   * How often equal settings would show any difference as large, in any figure and pair. Null until the comparison has ended, and without a difference.
   */
  p: number | null;
  /**
   * Whether the difference is larger than the noise: p is at most 0.045 and the interval excludes 0. Where all settings are equal, at most one comparison in twenty calls any difference clear.
   */
  clear: boolean;
  /**
   * The difference in words.
   */
  finding: string;
}
/**
 * The result of the comparison, in words and as data. Speed is the time to the end of an answer.
 */
export interface Verdict {
  /**
   * The result in words: the unbeaten settings, those without an answer and why, and the figures that are not known.
   */
  summary: string;
  fastest: Best;
  cheapest: Best;
  most_diverse: Best;
  most_often_right: Best;
  /**
   * The settings that nothing beats. One setting beats another when it is clearly better in speed, cost or pass rate and clearly worse in none of these nor in diversity; diversity alone beats nothing. Where settings beat each other in a circle, none of them counts as beaten by it.
   */
  unbeaten: string[];
  beaten: {
    label: string;
    by: string;
    /**
     * The figures in which `by` is clearly better.
     */
    better_in: ('e2e_ms' | 'cost_usd' | 'embedding_diversity' | 'pass_rate')[];
    /**
     * The same in words.
     */
    sentence: string;
  }[];
  /**
   * The pairs that cannot be told apart in a figure of the verdict; not those that are the same in every block.
   */
  untold: {
    a: string;
    b: string;
    figure: 'e2e_ms' | 'cost_usd' | 'embedding_diversity' | 'pass_rate';
    /**
     * More blocks of which eight in ten comparisons would tell the difference, if it stays as it is; null where no sensible number would.
     */
    more_blocks: number | null;
    /**
     * The same in words, with the reason where too few blocks can be compared.
     */
    sentence: string;
  }[];
}
/**
 * The expected tokens, cost and time of a comparison.
 */
export interface ComparisonEstimate {
  object: 'comparison.estimate';
  blocks: number;
  /**
   * Blocks x settings.
   */
  generations: number;
  /**
   * In the tokens and the cost, but neither in the settings nor in the time.
   */
  warm_ups: number;
  /**
   * Tokens.
   */
  prompt_tokens: {
    low: number;
    /**
     * Null without earlier outputs of the model.
     */
    typical: number | null;
    high: number;
  };
  /**
   * Tokens; high is max_tokens for each output.
   */
  completion_tokens: {
    low: number;
    /**
     * Null without earlier outputs of the model.
     */
    typical: number | null;
    high: number;
  };
  /**
   * Both together.
   */
  tokens: {
    low: number;
    /**
     * Null without earlier outputs of the model.
     */
    typical: number | null;
    high: number;
  };
  /**
   * Null when a price is unknown.
   */
  cost_usd: {
    low: number;
    /**
     * Null without earlier outputs of the model.
     */
    typical: number | null;
    high: number;
  } | null;
  /**
   * The models whose price is unknown.
   */
  unpriced: string[];
  /**
   * From the first dispatch to the last end of the measured generations. Milliseconds.
   */
  wall_time_ms: {
    low: number;
    /**
     * Null without earlier outputs of the model.
     */
    typical: number | null;
    high: number;
  };
  blocks_at_once: number;
  settings: {
    label: string;
    model: string;
    generations: number;
    /**
     * Tokens.
     */
    prompt_tokens: {
      low: number;
      /**
       * Null without earlier outputs of the model.
       */
      typical: number | null;
      high: number;
    };
    /**
     * Tokens; high is max_tokens for each output.
     */
    completion_tokens: {
      low: number;
      /**
       * Null without earlier outputs of the model.
       */
      typical: number | null;
      high: number;
    };
    /**
     * Both together.
     */
    tokens: {
      low: number;
      /**
       * Null without earlier outputs of the model.
       */
      typical: number | null;
      high: number;
    };
    /**
     * Null when a price is unknown.
     */
    cost_usd: {
      low: number;
      /**
       * Null without earlier outputs of the model.
       */
      typical: number | null;
      high: number;
    } | null;
    /**
     * Of one generation. Milliseconds.
     */
    e2e_ms: {
      low: number;
      /**
       * Null without earlier outputs of the model.
       */
      typical: number | null;
      high: number;
    };
    /**
     * The caller's earlier outputs of the model that this rests on.
     */
    earlier_outputs: number;
  }[];
  /**
   * Null for a caller without a budget.
   */
  budget: {
    /**
     * Whether the rest of the day covers the high values, the low values alone, or neither.
     */
    fits: 'yes' | 'maybe' | 'no';
    tokens_left: number | null;
    cost_usd_left: number | null;
    resets_at: string;
  } | null;
  /**
   * The sources of the figures, in sentences.
   */
  based_on: string[];
}
export interface ComparisonList {
  data: ComparisonSummary[];
  /**
   * For the next page; null on the last one. A page may be short or empty and still have it: each request reads a bounded part of the list.
   */
  next_cursor: string | null;
}
/**
 * A comparison without its figures.
 */
export interface ComparisonSummary {
  id: string;
  object: 'comparison';
  /**
   * As given in the request.
   */
  name: string | null;
  /**
   * generated: every output exists and embeddings follow. The last three are final.
   */
  status: 'generating' | 'generated' | 'completed' | 'completed_with_errors' | 'failed';
  created_at: string;
  prompts: number;
  samples: number;
  /**
   * In the order of the request.
   */
  settings: {
    label: string;
    model: string;
  }[];
  /**
   * The distinct models of the settings.
   */
  models: string[];
  progress: {
    /**
     * Prompts x samples; each block is a run.
     */
    blocks: number;
    /**
     * Blocks of which every generation has been answered or has failed.
     */
    done: number;
    /**
     * Blocks x settings.
     */
    generations: number;
  };
  /**
   * When its caller cancelled it; null otherwise.
   */
  stopped: {
    code: 'cancelled' | 'max_cost_reached';
    at: string;
  } | null;
  /**
   * Why the comparison could not be taken in; null otherwise, also when generations failed.
   */
  error: {
    code: string;
    message: string;
  } | null;
}
/**
 * A run in the format of OpenAI's completions, with a choice for each of its generations.
 */
export interface Completion {
  /**
   * cmpl- followed by the run's id.
   */
  id: string;
  object: 'text_completion';
  /**
   * When the run was accepted, in seconds since 1970.
   */
  created: number;
  /**
   * The model that answered.
   */
  model: string;
  choices: {
    index: number;
    text: string;
    /**
     * Null unless requested with logprobs.
     */
    logprobs: {
      tokens: string[];
      token_logprobs: (number | null)[];
      /**
       * Null unless alternatives were asked for.
       */
      top_logprobs:
        | ({
            [k: string]: number | null;
          } | null)[]
        | null;
      /**
       * Where a token begins in the output, in characters.
       */
      text_offset: number[];
    } | null;
    finish_reason: string | null;
  }[];
  /**
   * The sum over all choices; absent when the model server did not report it.
   */
  usage?: {
    prompt_tokens: number;
    completion_tokens: number;
    total_tokens: number;
    prompt_tokens_details?: {
      cached_tokens: number;
    };
    completion_tokens_details?: {
      reasoning_tokens: number;
    };
  };
  everytoken: RunFigures;
}
/**
 * An event of a streamed completion; its text adds to that of its choice.
 */
export interface CompletionChunk {
  id: string;
  object: 'text_completion';
  created: number;
  model: string;
  choices: {
    index: number;
    text: string;
    /**
     * Null unless requested with logprobs.
     */
    logprobs: {
      tokens: string[];
      token_logprobs: (number | null)[];
      /**
       * Null unless alternatives were asked for.
       */
      top_logprobs:
        | ({
            [k: string]: number | null;
          } | null)[]
        | null;
      /**
       * Where a token begins in the output, in characters.
       */
      text_offset: number[];
    } | null;
    finish_reason: string | null;
  }[];
  usage?: {
    prompt_tokens: number;
    completion_tokens: number;
    total_tokens: number;
    prompt_tokens_details?: {
      cached_tokens: number;
    };
    completion_tokens_details?: {
      reasoning_tokens: number;
    };
  } | null;
  /**
   * In the last chunk, beside its usage.
   */
  everytoken?: RunFigures;
}
export interface DeletedResponse {
  id: string;
  object: 'response';
  deleted: true;
}
/**
 * Diversity of all outputs, and of those of each setting.
 */
export interface Diversity {
  /**
   * Number of texts.
   */
  n: number;
  /**
   * 1 - mean cosine similarity over all pairs.
   */
  embedding_diversity: number | null;
  /**
   * 95% jackknife interval; null with fewer than three texts.
   */
  embedding_diversity_interval: [number, number] | null;
  /**
   * Vendi score: exp of the entropy of the eigenvalues of the cosine matrix / n; from 1 to n.
   */
  vendi: number | null;
  /**
   * Unique words / all words.
   */
  distinct_1: number | null;
  /**
   * Unique 2-grams / all 2-grams.
   */
  distinct_2: number | null;
  /**
   * Unique 3-grams / all 3-grams.
   */
  distinct_3: number | null;
  /**
   * Mean BLEU-4 of each text against the others; high means similar.
   */
  self_bleu_4: number | null;
  /**
   * UTF-8 bytes of the joined texts / their gzip bytes; high means repetitive.
   */
  compression_ratio: number | null;
  /**
   * 1 - unique texts / n.
   */
  duplicate_rate: number | null;
  /**
   * Words of each text that the n-gram figures use: the length of the shortest text.
   */
  words_cut: number | null;
  /**
   * Mean number of words of a text before that cut.
   */
  words_uncut: number | null;
  by_label: {
    [k: string]: DiversityFigures;
  };
}
/**
 * How different the texts are; null with fewer than two texts, or when unknown. Of more than 4,000,000 characters, only the figures of the vectors are known.
 */
export interface DiversityFigures {
  /**
   * Number of texts.
   */
  n: number;
  /**
   * 1 - mean cosine similarity over all pairs.
   */
  embedding_diversity: number | null;
  /**
   * 95% jackknife interval; null with fewer than three texts.
   */
  embedding_diversity_interval: [number, number] | null;
  /**
   * Vendi score: exp of the entropy of the eigenvalues of the cosine matrix / n; from 1 to n.
   */
  vendi: number | null;
  /**
   * Unique words / all words.
   */
  distinct_1: number | null;
  /**
   * Unique 2-grams / all 2-grams.
   */
  distinct_2: number | null;
  /**
   * Unique 3-grams / all 3-grams.
   */
  distinct_3: number | null;
  /**
   * Mean BLEU-4 of each text against the others; high means similar.
   */
  self_bleu_4: number | null;
  /**
   * UTF-8 bytes of the joined texts / their gzip bytes; high means repetitive.
   */
  compression_ratio: number | null;
  /**
   * 1 - unique texts / n.
   */
  duplicate_rate: number | null;
  /**
   * Words of each text that the n-gram figures use: the length of the shortest text.
   */
  words_cut: number | null;
  /**
   * Mean number of words of a text before that cut.
   */
  words_uncut: number | null;
}
/**
 * Vectors in OpenAI's format.
 */
export interface EmbeddingList {
  object: 'list';
  data: {
    object: 'embedding';
    /**
     * The input's place in the request.
     */
    index: number;
    /**
     * Numbers that read back as the same float32; with encoding_format base64 the values as little-endian float32, in base64.
     */
    embedding: number[] | string;
  }[];
  /**
   * The deployment's embedding model.
   */
  model: string;
  /**
   * Absent when the embeddings server did not report it.
   */
  usage?: {
    prompt_tokens: number;
    total_tokens: number;
  };
  everytoken: {
    timing: {
      /**
       * From sending the inputs to the embeddings server until its whole answer, retries included.
       */
      e2e_ms: number;
    };
    /**
     * Null when the usage or the price is unknown.
     */
    cost_usd: number | null;
  };
}
/**
 * An export of runs into one object.
 */
export interface Export {
  id: string;
  object: 'export';
  status: 'queued' | 'running' | 'completed' | 'failed';
  format: 'jsonl' | 'csv' | 'parquet';
  /**
   * When it was asked for; later runs are not in it.
   */
  created_at: string;
  ended_at: string | null;
  /**
   * When its object is deleted. Null until it has ended.
   */
  expires_at: string | null;
  /**
   * Rows written by now, as of the last part.
   */
  rows: number;
  /**
   * Bytes written by now, as of the last part.
   */
  bytes: number;
  /**
   * A URL of the object that needs no key, valid for 15 minutes. Null unless it is completed.
   */
  download: {
    url: string;
    expires_at: string;
  } | null;
  error: {
    code: string;
    message: string;
  } | null;
}
export interface ExportList {
  data: Export[];
  /**
   * For the next page; null on the last one.
   */
  next_cursor: string | null;
}
/**
 * A row of an export: a generation, or a run without any. Metadata columns are added on request.
 */
export interface ExportRow {
  /**
   * The id of the run.
   */
  run_id: string | null;
  /**
   * setting index x samples + sample index.
   */
  index: number | null;
  /**
   * The label of its setting.
   */
  label: string | null;
  /**
   * The index of the sample.
   */
  sample: number | null;
  /**
   * The status of the run.
   */
  run_status: string | null;
  /**
   * How many generations the row stands for: 1; 0 for a run without any; of a deleted run all of a setting.
   */
  generations: number | null;
  /**
   * completed or failed.
   */
  status: string | null;
  /**
   * When the run was accepted.
   */
  created_at: string | null;
  /**
   * t0 on the wall clock: immediately before the request was dispatched.
   */
  started_at: string | null;
  /**
   * Why it ended.
   */
  finish_reason: string | null;
  /**
   * The prompt file or comparison of the run.
   */
  file_id: string | null;
  /**
   * The line of that file.
   */
  file_line: number | null;
  /**
   * The requested model, provider/model for a configured provider.
   */
  requested_model: string | null;
  /**
   * The model that answered.
   */
  model: string | null;
  /**
   * The configured provider that served it; null for the default model server.
   */
  provider: string | null;
  /**
   * As requested.
   */
  temperature: number | null;
  /**
   * As requested.
   */
  top_p: number | null;
  /**
   * As requested.
   */
  top_k: number | null;
  /**
   * As requested.
   */
  frequency_penalty: number | null;
  /**
   * As requested.
   */
  presence_penalty: number | null;
  /**
   * As requested.
   */
  seed: number | null;
  /**
   * As requested.
   */
  max_tokens: number | null;
  /**
   * As requested.
   */
  reasoning_effort: string | null;
  requested: unknown;
  sent: unknown;
  effective: unknown;
  sampling_warnings: unknown;
  /**
   * As counted by the server.
   */
  prompt_tokens: number | null;
  /**
   * N, as counted by the server.
   */
  completion_tokens: number | null;
  /**
   * R, part of completion_tokens.
   */
  reasoning_tokens: number | null;
  /**
   * Part of prompt_tokens that the server read from its cache.
   */
  cached_tokens: number | null;
  /**
   * tR - t0.
   */
  ttfr_ms: number | null;
  /**
   * t1 - t0: time to first token.
   */
  ttft_ms: number | null;
  /**
   * tO - t0.
   */
  ttfo_ms: number | null;
  /**
   * tL - t0.
   */
  ttlt_ms: number | null;
  /**
   * tE - t0.
   */
  e2e_ms: number | null;
  /**
   * DNS, TCP and TLS of a new connection; part of ttft_ms.
   */
  connect_ms: number | null;
  /**
   * Time per output token: (tL - t1)/(N - 1).
   */
  tpot_ms: number | null;
  /**
   * e2e_ms / 1000 / N.
   */
  seconds_per_token: number | null;
  /**
   * 1000 / tpot_ms.
   */
  decode_tokens_per_second: number | null;
  /**
   * 1000 * N / e2e_ms.
   */
  tokens_per_second: number | null;
  /**
   * Gaps between non-empty chunks: number of values.
   */
  chunk_gaps_n: number | null;
  /**
   * Gaps between non-empty chunks: mean, in ms.
   */
  chunk_gaps_mean_ms: number | null;
  /**
   * Gaps between non-empty chunks: sample standard deviation, in ms.
   */
  chunk_gaps_std_ms: number | null;
  /**
   * Gaps between non-empty chunks: least, in ms.
   */
  chunk_gaps_min_ms: number | null;
  /**
   * Gaps between non-empty chunks: median, in ms.
   */
  chunk_gaps_p50_ms: number | null;
  /**
   * Gaps between non-empty chunks: 90th percentile, in ms.
   */
  chunk_gaps_p90_ms: number | null;
  /**
   * Gaps between non-empty chunks: 95th percentile; needs 20 values, in ms.
   */
  chunk_gaps_p95_ms: number | null;
  /**
   * Gaps between non-empty chunks: 99th percentile; needs 100 values, in ms.
   */
  chunk_gaps_p99_ms: number | null;
  /**
   * Gaps between non-empty chunks: greatest, in ms.
   */
  chunk_gaps_max_ms: number | null;
  /**
   * Inter-token latency: number of values.
   */
  itl_n: number | null;
  /**
   * Inter-token latency: mean, in ms.
   */
  itl_mean_ms: number | null;
  /**
   * Inter-token latency: sample standard deviation, in ms.
   */
  itl_std_ms: number | null;
  /**
   * Inter-token latency: least, in ms.
   */
  itl_min_ms: number | null;
  /**
   * Inter-token latency: median, in ms.
   */
  itl_p50_ms: number | null;
  /**
   * Inter-token latency: 90th percentile, in ms.
   */
  itl_p90_ms: number | null;
  /**
   * Inter-token latency: 95th percentile; needs 20 values, in ms.
   */
  itl_p95_ms: number | null;
  /**
   * Inter-token latency: 99th percentile; needs 100 values, in ms.
   */
  itl_p99_ms: number | null;
  /**
   * Inter-token latency: greatest, in ms.
   */
  itl_max_ms: number | null;
  /**
   * usage, logprobs, continuous_usage, tokenizer or none.
   */
  token_count_source: string | null;
  /**
   * (streamed tokens - 1)/(chunks - 1).
   */
  chunk_density: number | null;
  /**
   * Whether it was the execution environment's first invocation.
   */
  cold_start: boolean | null;
  /**
   * The longest that bytes of a mark waited to be read.
   */
  uncertainty_ms: number | null;
  uncertain: unknown;
  /**
   * The longest time between two chunks.
   */
  longest_gap_ms: number | null;
  /**
   * Failed attempts before the one that counts.
   */
  attempts: number | null;
  /**
   * Whether all checks passed; null without checks.
   */
  checks_passed: boolean | null;
  /**
   * US dollars; null when the price is unknown.
   */
  cost_usd: number | null;
  /**
   * Where the price is from.
   */
  price_source: string | null;
  /**
   * The date of the price.
   */
  price_as_of: string | null;
  /**
   * Texts of this label in the run, which the run's diversity figures compare.
   */
  diversity_n: number | null;
  /**
   * 1 - mean cosine similarity over all pairs of the label.
   */
  embedding_diversity: number | null;
  /**
   * Vendi score of the label; from 1 to n.
   */
  vendi: number | null;
  /**
   * Unique words / all words of the label.
   */
  distinct_1: number | null;
  /**
   * Unique 2-grams / all 2-grams of the label.
   */
  distinct_2: number | null;
  /**
   * Unique 3-grams / all 3-grams of the label.
   */
  distinct_3: number | null;
  /**
   * Mean BLEU-4 of each text of the label against the others.
   */
  self_bleu_4: number | null;
  /**
   * UTF-8 bytes of the texts of the label / their gzip bytes.
   */
  compression_ratio: number | null;
  /**
   * 1 - unique texts / n of the label.
   */
  duplicate_rate: number | null;
  /**
   * SHA-256 of the text in UTF-8, in hex.
   */
  output_sha256: string | null;
  /**
   * Why the generation failed, or the run without generations; output_gone when the output is no longer stored.
   */
  error_code: string | null;
  /**
   * The same in words.
   */
  error_message: string | null;
  /**
   * False: the run was asked for with store: false, and has no texts once it has ended.
   */
  store: boolean | null;
  /**
   * The conversation that the run is a turn of: its name, or the id of its first run, in which it is null.
   */
  conversation: string | null;
  /**
   * The run before it in its conversation.
   */
  previous_run: string | null;
  metadata: unknown;
  /**
   * The first 120 characters of the prompt, or of the last message; with texts=true the whole prompt.
   */
  prompt: string | null;
  messages: unknown;
  /**
   * The first 120 characters of the output; with texts=true all of it.
   */
  text: string | null;
  tool_calls: unknown;
  /**
   * The place of the row: cursor= with this value goes on after it.
   */
  cursor: string | null;
}
/**
 * A failed attempt before the final one.
 */
export interface FailedAttempt {
  /**
   * A problem code.
   */
  error: string;
  /**
   * The server's HTTP status; null without a response.
   */
  status: number | null;
  /**
   * Wait after this attempt, before the next one. Milliseconds.
   */
  waited_ms: number;
  /**
   * Of this attempt. Milliseconds.
   */
  ttft_ms: number | null;
  /**
   * Of this attempt. Milliseconds.
   */
  e2e_ms: number | null;
}
export interface File {
  id: string;
  object: 'file';
  /**
   * Key of its object in the bucket.
   */
  key: string;
  /**
   * The last part of the key.
   */
  filename: string;
  size_bytes: number;
  /**
   * The id of the file that this one retries.
   */
  retry_of: string | null;
  /**
   * The endpoint whose requests the lines of a batch are; null for any other file. Lines for /v1/embeddings are no runs.
   */
  endpoint: ('/v1/chat/completions' | '/v1/responses' | '/v1/embeddings') | null;
  status:
    | 'awaiting_upload'
    | 'reading'
    | 'generating'
    | 'completed'
    | 'completed_with_errors'
    | 'failed'
    | 'cancelled';
  created_at: string;
  generating_at: string | null;
  ended_at: string | null;
  dry_run: boolean;
  max_cost_usd: number | null;
  /**
   * Lines that had not begun by then are not generated.
   */
  stopped: {
    code: 'cancelled' | 'max_cost_reached';
    at: string;
  } | null;
  /**
   * Why the file could not be read as prompts, or its results could not be written.
   */
  error: {
    code: string;
    message: string;
  } | null;
  /**
   * Numbers of lines; generations counts outputs.
   */
  counts: {
    /**
     * All lines of the file. Null until the file is read.
     */
    lines: number | null;
    /**
     * Valid run requests. Null until the file is read.
     */
    accepted: number | null;
    /**
     * Lines that are not valid run requests. Null until the file is read.
     */
    refused: number | null;
    /**
     * Results reused from an earlier file: not generated or paid for again.
     */
    reused: number;
    /**
     * Generated for this file.
     */
    generated: number;
    /**
     * Lines with text.
     */
    completed: number;
    /**
     * Lines without text, including refused and not begun ones.
     */
    failed: number;
    /**
     * Lines that a stop left out.
     */
    not_begun: number;
    /**
     * Lines still to be generated. Null until the file is read.
     */
    remaining: number | null;
    /**
     * Outputs.
     */
    generations: number;
  };
  /**
   * Of all accepted lines, also those that an earlier file has answered; typical values rest on your last runs. Null until the file is read, for batches of embeddings, and for files that an earlier version read.
   */
  estimate: {
    /**
     * Tokens.
     */
    prompt_tokens: {
      low: number;
      /**
       * Null without earlier outputs of the model.
       */
      typical: number | null;
      high: number;
    };
    /**
     * Tokens; high is max_tokens for each output.
     */
    completion_tokens: {
      low: number;
      /**
       * Null without earlier outputs of the model.
       */
      typical: number | null;
      high: number;
    };
    /**
     * Both together.
     */
    tokens: {
      low: number;
      /**
       * Null without earlier outputs of the model.
       */
      typical: number | null;
      high: number;
    };
    /**
     * Null when a price is unknown.
     */
    cost_usd: {
      low: number;
      /**
       * Null without earlier outputs of the model.
       */
      typical: number | null;
      high: number;
    } | null;
  } | null;
  /**
   * Lines without text so far, by the code of their error. Files that an earlier version began may leave some out.
   */
  errors: LineErrors;
  usage: {
    prompt_tokens: number;
    completion_tokens: number;
  };
  /**
   * US dollars; null when a price is unknown.
   */
  cost_usd: number | null;
  /**
   * The part of cost_usd that was paid for by an earlier file; 0 without reused lines, null when a price is unknown.
   */
  reused_cost_usd: number | null;
  /**
   * The cost of this file itself: cost_usd without reused_cost_usd.
   */
  paid_usd: number | null;
  /**
   * Lines generated for this file, on average since generating_at.
   */
  lines_per_second: number | null;
  /**
   * Lines done, reused ones included, in the last minute, or up to half a minute more; since generating_at in the first one. Null when the file has ended.
   */
  rows_per_second: number | null;
  /**
   * For the remaining lines at rows_per_second.
   */
  seconds_left: number | null;
  /**
   * Keys in the bucket.
   */
  results: {
    jsonl: string;
    summary: string;
    partial: string;
  };
  /**
   * URLs of the results that exist now; null before the file is generated.
   */
  downloads: {
    expires_at: string;
    jsonl?: string;
    csv?: string;
    /**
     * The answer to a .txt or .md, if it has one.
     */
    txt?: string;
    summary?: string;
    /**
     * Exists after POST /files/{id}/results.
     */
    partial?: string;
    /**
     * The same of a .csv, as its csv will be. Exists after POST /files/{id}/results.
     */
    partial_csv?: string;
  } | null;
}
/**
 * The expected tokens, cost and time of a prompt file.
 */
export interface FileEstimate {
  object: 'file.estimate';
  /**
   * Whether the whole file was read; if not, the rest is taken to be like the part that was.
   */
  complete: boolean;
  lines: number;
  /**
   * Valid run requests.
   */
  accepted: number;
  /**
   * Lines that are not.
   */
  refused: number;
  /**
   * Accepted lines with a result of an earlier file; not generated or paid for again.
   */
  reused: number;
  /**
   * Outputs of the accepted lines that are not reused, as are all that follow.
   */
  generations: number;
  /**
   * Tokens.
   */
  prompt_tokens: {
    low: number;
    /**
     * Null without earlier outputs of the model.
     */
    typical: number | null;
    high: number;
  };
  /**
   * Tokens; high is max_tokens for each output.
   */
  completion_tokens: {
    low: number;
    /**
     * Null without earlier outputs of the model.
     */
    typical: number | null;
    high: number;
  };
  /**
   * Both together.
   */
  tokens: {
    low: number;
    /**
     * Null without earlier outputs of the model.
     */
    typical: number | null;
    high: number;
  };
  /**
   * Null when a price is unknown.
   */
  cost_usd: {
    low: number;
    /**
     * Null without earlier outputs of the model.
     */
    typical: number | null;
    high: number;
  } | null;
  /**
   * The models whose price is unknown.
   */
  unpriced: string[];
  models: {
    model: string;
    generations: number;
    /**
     * Tokens.
     */
    prompt_tokens: {
      low: number;
      /**
       * Null without earlier outputs of the model.
       */
      typical: number | null;
      high: number;
    };
    /**
     * Tokens; high is max_tokens for each output.
     */
    completion_tokens: {
      low: number;
      /**
       * Null without earlier outputs of the model.
       */
      typical: number | null;
      high: number;
    };
    /**
     * Both together.
     */
    tokens: {
      low: number;
      /**
       * Null without earlier outputs of the model.
       */
      typical: number | null;
      high: number;
    };
    /**
     * Null when a price is unknown.
     */
    cost_usd: {
      low: number;
      /**
       * Null without earlier outputs of the model.
       */
      typical: number | null;
      high: number;
    } | null;
    /**
     * The caller's earlier outputs of the model that this rests on.
     */
    earlier_outputs: number;
  }[];
  /**
   * Refused lines of the part that was read, by the code of their error.
   */
  errors: LineErrors;
  /**
   * Why the file could not be read as prompts; the lines before the fault are counted.
   */
  error: {
    code: string;
    message: string;
  } | null;
  /**
   * The last messages of the first 3 accepted lines, filled in; up to 300 characters of each.
   */
  previews: {
    line: number;
    text: string;
  }[];
  max_cost_usd: {
    limit: number;
    /**
     * Whether it covers the high cost, the low one alone, or neither.
     */
    covers: 'yes' | 'maybe' | 'no';
  } | null;
  /**
   * Null for a caller without a budget.
   */
  budget: {
    /**
     * Whether the rest of the day covers the high values, the low values alone, or neither.
     */
    fits: 'yes' | 'maybe' | 'no';
    tokens_left: number | null;
    cost_usd_left: number | null;
    resets_at: string;
  } | null;
  /**
   * Null with mode "batch".
   */
  wall_time_ms: {
    low: number;
    /**
     * Null without earlier outputs of the model.
     */
    typical: number | null;
    high: number;
  } | null;
  lines_at_once: number;
  /**
   * The sources of the figures, in sentences.
   */
  based_on: string[];
}
export interface FileList {
  data: FileSummary[];
  /**
   * For the next page; null on the last one. A page may be short or empty and still have it: each request reads a bounded part of the list.
   */
  next_cursor: string | null;
}
export interface FileSummary {
  id: string;
  object: 'file';
  /**
   * Key of its object in the bucket.
   */
  key: string;
  /**
   * The last part of the key.
   */
  filename: string;
  size_bytes: number;
  /**
   * The id of the file that this one retries.
   */
  retry_of: string | null;
  /**
   * The endpoint whose requests the lines of a batch are; null for any other file. Lines for /v1/embeddings are no runs.
   */
  endpoint: ('/v1/chat/completions' | '/v1/responses' | '/v1/embeddings') | null;
  status:
    | 'awaiting_upload'
    | 'reading'
    | 'generating'
    | 'completed'
    | 'completed_with_errors'
    | 'failed'
    | 'cancelled';
  created_at: string;
  generating_at: string | null;
  ended_at: string | null;
  dry_run: boolean;
  max_cost_usd: number | null;
  /**
   * Lines that had not begun by then are not generated.
   */
  stopped: {
    code: 'cancelled' | 'max_cost_reached';
    at: string;
  } | null;
  /**
   * Why the file could not be read as prompts, or its results could not be written.
   */
  error: {
    code: string;
    message: string;
  } | null;
  /**
   * Numbers of lines; generations counts outputs.
   */
  counts: {
    /**
     * All lines of the file. Null until the file is read.
     */
    lines: number | null;
    /**
     * Valid run requests. Null until the file is read.
     */
    accepted: number | null;
    /**
     * Lines that are not valid run requests. Null until the file is read.
     */
    refused: number | null;
    /**
     * Results reused from an earlier file: not generated or paid for again.
     */
    reused: number;
    /**
     * Generated for this file.
     */
    generated: number;
    /**
     * Lines with text.
     */
    completed: number;
    /**
     * Lines without text, including refused and not begun ones.
     */
    failed: number;
    /**
     * Lines that a stop left out.
     */
    not_begun: number;
    /**
     * Lines still to be generated. Null until the file is read.
     */
    remaining: number | null;
    /**
     * Outputs.
     */
    generations: number;
  };
  /**
   * Of all accepted lines, also those that an earlier file has answered; typical values rest on your last runs. Null until the file is read, for batches of embeddings, and for files that an earlier version read.
   */
  estimate: {
    /**
     * Tokens.
     */
    prompt_tokens: {
      low: number;
      /**
       * Null without earlier outputs of the model.
       */
      typical: number | null;
      high: number;
    };
    /**
     * Tokens; high is max_tokens for each output.
     */
    completion_tokens: {
      low: number;
      /**
       * Null without earlier outputs of the model.
       */
      typical: number | null;
      high: number;
    };
    /**
     * Both together.
     */
    tokens: {
      low: number;
      /**
       * Null without earlier outputs of the model.
       */
      typical: number | null;
      high: number;
    };
    /**
     * Null when a price is unknown.
     */
    cost_usd: {
      low: number;
      /**
       * Null without earlier outputs of the model.
       */
      typical: number | null;
      high: number;
    } | null;
  } | null;
  /**
   * Lines without text so far, by the code of their error. Files that an earlier version began may leave some out.
   */
  errors: LineErrors;
  usage: {
    prompt_tokens: number;
    completion_tokens: number;
  };
  /**
   * US dollars; null when a price is unknown.
   */
  cost_usd: number | null;
  /**
   * The part of cost_usd that was paid for by an earlier file; 0 without reused lines, null when a price is unknown.
   */
  reused_cost_usd: number | null;
  /**
   * The cost of this file itself: cost_usd without reused_cost_usd.
   */
  paid_usd: number | null;
  /**
   * Lines generated for this file, on average since generating_at.
   */
  lines_per_second: number | null;
  /**
   * Lines done, reused ones included, in the last minute, or up to half a minute more; since generating_at in the first one. Null when the file has ended.
   */
  rows_per_second: number | null;
  /**
   * For the remaining lines at rows_per_second.
   */
  seconds_left: number | null;
  /**
   * Keys in the bucket.
   */
  results: {
    jsonl: string;
    summary: string;
    partial: string;
  };
}
/**
 * One output.
 */
export interface Generation {
  /**
   * setting index x samples + sample index.
   */
  index: number;
  /**
   * The label of its setting.
   */
  label: string;
  sample: number;
  status: 'completed' | 'failed';
  text: string | null;
  /**
   * The calls of tools that the model asks for; absent without any. everytoken executes none. The text beside them is often empty, and then has no vector.
   */
  tool_calls?: ToolCall[];
  /**
   * Reasoning items, of a model server that speaks the Responses API; absent without any.
   */
  reasoning?: PlacedReasoning[];
  /**
   * The run has store: false, and has ended: text, output_sha256 and the texts of the trace are not stored. sampling has its numbers and switches, and error the words of its code.
   */
  not_stored?: true;
  finish_reason: string | null;
  /**
   * The model that answered.
   */
  model: string;
  /**
   * The configured provider that served it; absent for the default model server.
   */
  provider?: string;
  sampling: Sampling;
  usage: Usage;
  timing: Timing | null;
  attempts: FailedAttempt[];
  /**
   * In the order of the request's checks; empty for a failed generation.
   */
  checks: CheckResult[];
  /**
   * (prompt - cached)*pIn + cached*pCached + N*pOut. US dollars; null when the price is unknown.
   */
  cost_usd: number | null;
  price: {
    source: string;
    as_of: string;
    /**
     * US dollars per million tokens.
     */
    input?: number;
    /**
     * US dollars per million tokens.
     */
    cached?: number;
    /**
     * US dollars per million tokens.
     */
    output?: number;
  } | null;
  /**
   * SHA-256 of the text in UTF-8, in hex.
   */
  output_sha256: string | null;
  vector_ids: string[];
  /**
   * Why the output has no vector, though its run is indexed: it has no text, such as one that only calls tools. Absent for any other.
   */
  not_indexed?: 'no_text';
  error: {
    code: string;
    message: string;
    /**
     * The code in the model server's own error, if it has one.
     */
    server_code?: string;
    /**
     * The field that the model server's own error names, if it does.
     */
    param?: string;
  } | null;
  /**
   * In a run of more than 5 MB, and in results of files: the fields that are null or empty here only because they are large.
   */
  left_out?: {
    fields: ('text' | 'tool_calls' | 'reasoning' | 'vector_ids' | 'sampling')[];
    /**
     * The path of the whole generation, below the API's address.
     */
    read_at: string;
  };
}
/**
 * A reasoning item of an answer by the Responses API, and its place in it.
 */
export interface PlacedReasoning {
  id: string;
  /**
   * Summaries of the reasoning, which its server writes beside the output: they are no tokens of it.
   */
  summary: string[];
  /**
   * The reasoning as its server alone can read it: send it back in the next turn.
   */
  encrypted_content?: string;
  /**
   * Its place among the items of the answer: reasoning, message and calls of tools, from 0.
   */
  at: number;
}
/**
 * Tokens as counted by the server; null is unknown, never zero.
 */
export interface Usage {
  /**
   * Null when the server did not report it.
   */
  prompt_tokens: number | null;
  /**
   * N. Null when the server did not report it.
   */
  completion_tokens: number | null;
  /**
   * R, part of completion_tokens.
   */
  reasoning_tokens: number | null;
  /**
   * Part of prompt_tokens that the server read from its cache.
   */
  cached_tokens: number | null;
}
export interface Health {
  status: 'ok' | 'down';
  /**
   * dynamodb, s3, sqs, events, openai, pinecone
   */
  checks: {
    [k: string]: 'ok' | 'down';
  };
}
export interface ModelList {
  data: {
    /**
     * The name to use as model in a run.
     */
    id: string;
    /**
     * default, or a provider name from the PROVIDERS variable.
     */
    provider: string;
    /**
     * Which fields of a run it supports; null for a model that generates no text or is retired.
     */
    sampling: {
      /**
       * The model server's API that is asked. as_needed: chat completions, and the Responses API for tools with reasoning and for reasoning_summary.
       */
      api: 'chat_completions' | 'responses' | 'as_needed';
      /**
       * unknown: sent as requested; everytoken learns from a refusal.
       */
      temperature: 'always' | 'at_effort_none' | 'never' | 'unknown';
      top_p: 'always' | 'at_effort_none' | 'never' | 'unknown';
      /**
       * unknown: sent, but not known to be applied.
       */
      top_k: 'applied' | 'refused' | 'dropped' | 'unknown';
      logprobs: 'applied' | 'refused' | 'dropped' | 'unknown';
      include_usage: 'applied' | 'refused' | 'dropped' | 'unknown';
      reasoning_effort: 'applied' | 'refused' | 'dropped' | 'unknown' | 'only_none';
      /**
       * Function tools on chat completions. A run that asks for them at another effort is answered by the Responses API, or refused where api is chat_completions.
       */
      tools: 'always' | 'at_effort_none' | 'never' | 'unknown';
      token_limit: 'max_tokens' | 'max_completion_tokens';
      /**
       * Tokens that the server may add to a prompt; budgets reserve them for each generation.
       */
      prompt_overhead: number;
      /**
       * Fields of extra_body by name.
       */
      extra: {
        [k: string]: 'applied' | 'refused' | 'dropped' | 'unknown';
      };
    } | null;
    /**
     * ISO 8601; null when none is known.
     */
    shutdown_date: string | null;
    /**
     * Runs with a retired model are refused.
     */
    retired: boolean;
    replacement: string | null;
    /**
     * US dollars per million tokens; null when unknown.
     */
    price: {
      source: string;
      as_of: string;
      input: number;
      cached: number;
      output: number;
    } | null;
  }[];
  /**
   * Always null: the list has one page.
   */
  next_cursor: null;
  providers: {
    name: string;
    status: 'ok' | 'error';
    /**
     * The kind of server, from its host, its configuration or its list of models.
     */
    server:
      | 'openai'
      | 'groq'
      | 'openrouter'
      | 'together'
      | 'vllm'
      | 'llama.cpp'
      | 'ollama'
      | 'everytoken'
      | 'other';
    models: number | null;
    /**
     * Why its list could not be read.
     */
    error: {
      code: string;
      message: string;
    } | null;
  }[];
}
/**
 * A batch in OpenAI's format.
 */
export interface OpenAIBatch {
  id: string;
  object: 'batch';
  endpoint: '/v1/chat/completions' | '/v1/responses' | '/v1/embeddings';
  input_file_id: string;
  /**
   * Batches do not expire: one that takes longer goes on.
   */
  completion_window: '24h';
  status: 'validating' | 'in_progress' | 'finalizing' | 'completed' | 'failed' | 'cancelling' | 'cancelled';
  /**
   * The lines with an answer, in the order of the input; null without any.
   */
  output_file_id: string | null;
  /**
   * The lines without an answer, in the order of the input; null without any.
   */
  error_file_id: string | null;
  /**
   * Why a batch failed as a whole.
   */
  errors: {
    object: 'list';
    data: {
      code: string;
      line: number | null;
      message: string;
      param: string | null;
    }[];
  } | null;
  /**
   * Epoch seconds.
   */
  created_at: number;
  /**
   * Epoch seconds; when all lines were read.
   */
  in_progress_at: number | null;
  expires_at: null;
  finalizing_at: null;
  /**
   * Epoch seconds; when the results were there.
   */
  completed_at: number | null;
  /**
   * Epoch seconds; when it failed as a whole.
   */
  failed_at: number | null;
  expired_at: null;
  /**
   * Epoch seconds; when it was cancelled.
   */
  cancelling_at: number | null;
  /**
   * Epoch seconds; when the results of a cancelled one were there.
   */
  cancelled_at: number | null;
  /**
   * Lines; total is 0 until they were read.
   */
  request_counts: {
    total: number;
    completed: number;
    failed: number;
  };
  usage: {
    input_tokens: number;
    output_tokens: number;
    total_tokens: number;
    input_tokens_details: {
      cached_tokens: number | null;
    };
    output_tokens_details: {
      reasoning_tokens: number | null;
    };
  };
  metadata: {
    [k: string]: string;
  } | null;
  everytoken: {
    /**
     * The prompt file of GET /files/{id} that the batch is.
     */
    file_id: string;
    /**
     * Null when the price of a model that answered is unknown.
     */
    cost_usd: number | null;
  };
}
/**
 * A page of batches in OpenAI's format.
 */
export interface OpenAIBatchList {
  object: 'list';
  data: OpenAIBatch[];
  /**
   * Null in an empty page.
   */
  first_id: string | null;
  /**
   * The next page is after it.
   */
  last_id: string | null;
  has_more: boolean;
}
/**
 * A line of results in OpenAI's format.
 */
export interface OpenAIBatchResult {
  id: string;
  custom_id: string | null;
  response: {
    status_code: number;
    request_id: string;
    body: {
      [k: string]: unknown;
    };
  } | null;
  error: {
    code: string;
    message: string;
  } | null;
  /**
   * The line, the run, its timing and its cost.
   */
  everytoken: {
    [k: string]: unknown;
  };
}
/**
 * A file that was deleted.
 */
export interface OpenAIDeletedFile {
  id: string;
  object: 'file';
  deleted: true;
}
/**
 * An error in OpenAI's format.
 */
export interface OpenAIError {
  error: {
    message: string;
    /**
     * invalid_request_error, authentication_error, rate_limit_error, server_error …
     */
    type: string;
    /**
     * The first wrong field, dotted.
     */
    param: string | null;
    /**
     * One of x-problem-codes, with invalid_api_key instead of forbidden (401); forbidden (403) is that of a valid key which may not call the API.
     */
    code: string | null;
  };
}
/**
 * A file in OpenAI's format.
 */
export interface OpenAIFile {
  id: string;
  object: 'file';
  bytes: number;
  /**
   * Epoch seconds.
   */
  created_at: number;
  expires_at: null;
  filename: string;
  purpose: 'batch' | 'batch_output';
  status: 'processed';
  status_details: null;
}
/**
 * A page of files in OpenAI's format.
 */
export interface OpenAIFileList {
  object: 'list';
  data: OpenAIFile[];
  /**
   * Null in an empty page.
   */
  first_id: string | null;
  /**
   * The next page is after it.
   */
  last_id: string | null;
  has_more: boolean;
}
/**
 * A model in OpenAI's format.
 */
export interface OpenAIModel {
  id: string;
  object: 'model';
  /**
   * Always 0: the time is not stored.
   */
  created: number;
  /**
   * default, or a provider name from the PROVIDERS variable.
   */
  owned_by: string;
  /**
   * ISO 8601; null when none is known.
   */
  shutdown_date: string | null;
}
export interface OpenAIModelList {
  object: 'list';
  data: OpenAIModel[];
}
/**
 * The work in hand. A part that could not be read within four seconds is null or missing, and named in errors.
 */
export interface Operations {
  at: string;
  deployment: {
    stage: string | null;
    id: string;
  };
  /**
   * Those with work left. Deleted and cancelled ones wait until their data is purged a last time.
   */
  in_hand: {
    /**
     * By status; one without any is left out.
     */
    runs: {
      [k: string]: number;
    };
    /**
     * By status; one without any is left out.
     */
    files: {
      [k: string]: number;
    };
    /**
     * Blocks of 250 lines that are under way.
     */
    blocks: number;
    /**
     * Hours and days of usage that are to be summed.
     */
    sums: number;
    /**
     * There is more: 2,000 items were read, those that are due first.
     */
    at_least: boolean;
  } | null;
  /**
   * Those whose next step is due first.
   */
  oldest: {
    run: {
      id: string;
      status: string;
      /**
       * When its next step is due.
       */
      due_at: string;
      /**
       * 0 for one that is not due yet.
       */
      overdue_seconds: number;
    } | null;
    file: {
      id: string;
      status: string;
      /**
       * When its next step is due.
       */
      due_at: string;
      /**
       * 0 for one that is not due yet.
       */
      overdue_seconds: number;
    } | null;
  } | null;
  queues:
    | {
        /**
         * jobs, intake, embed; rule and sweep have dead letters alone.
         */
        name: string;
        /**
         * By SQS's approximate count; null for a target without a queue.
         */
        visible: number | null;
        /**
         * Received by a function and not done.
         */
        in_flight: number | null;
        delayed: number | null;
        dead_letters: number;
      }[]
    | null;
  /**
   * Null before the first one.
   */
  last_sweep: {
    started_at: string;
    /**
     * Above 120 the sweep does not run.
     */
    seconds_ago: number;
    duration_ms: number;
    moved: number;
    failed: number;
    /**
     * Whether it read all that was due.
     */
    complete: boolean;
  } | null;
  errors: {
    part: string;
    message: string;
  }[];
}
/**
 * An error in the format of RFC 9457.
 */
export interface Problem {
  /**
   * urn:everytoken:problem: followed by the code.
   */
  type: string;
  title: string;
  status: number;
  detail: string;
  /**
   * One of x-problem-codes; a failed run may have a code of its model server instead.
   */
  code: string;
  /**
   * The problems of the input, 20 at most; detail counts those beyond.
   */
  errors?: {
    /**
     * Dotted path in the request: settings.0.top_p
     */
    path: string;
    message: string;
  }[];
  /**
   * The run that failed.
   */
  run?: Run;
}
/**
 * One prompt x settings x samples.
 */
export interface Run {
  id: string;
  object: 'run';
  /**
   * generated: the text is ready and is being indexed. completed: it is indexed, or the run has index: false. A failed run with texts could not be indexed (index_refused).
   */
  status: 'queued' | 'generating' | 'generated' | 'completed' | 'failed' | 'cancelled' | 'deleted';
  /**
   * When it was accepted.
   */
  created_at: string;
  /**
   * The requested model.
   */
  model: string;
  /**
   * The models of its settings: provider/model for a configured provider, else the name at the default server. An alias is resolved.
   */
  models: string[];
  prompt: string | null;
  messages:
    | {
        role: string;
        content: string;
        name?: string;
        tool_calls?: ToolCall[];
        reasoning?: ReasoningItem[];
        tool_call_id?: string;
      }[]
    | null;
  /**
   * False where the request said so: once the run has ended, prompt, messages and texts are null in every later answer.
   */
  store: boolean;
  metadata: {
    [k: string]: string;
  };
  /**
   * The conversation that it is a turn of: the name that the request gave, or the id of its first run, in which it is null.
   */
  conversation: string | null;
  /**
   * The run before it in its conversation.
   */
  previous_run: string | null;
  generations: Generation[];
  diversity: Diversity | null;
  /**
   * Null for a run without checks.
   */
  checks: {
    by_label: {
      [k: string]: PassRate;
    };
  } | null;
  usage: Usage;
  /**
   * Cost of the completed generations. US dollars; null when any of it is unknown.
   */
  cost_usd: number | null;
  error: {
    code: string;
    message: string;
  } | null;
}
/**
 * A reasoning item of a model server that speaks the Responses API.
 */
export interface ReasoningItem {
  id: string;
  /**
   * Summaries of the reasoning, which its server writes beside the output: they are no tokens of it.
   */
  summary: string[];
  /**
   * The reasoning as its server alone can read it: send it back in the next turn.
   */
  encrypted_content?: string;
}
/**
 * A run in OpenAI's format, with the settings that were asked for.
 */
export interface Response {
  /**
   * resp_ followed by the run's id.
   */
  id: string;
  object: 'response';
  /**
   * When the run was accepted, in seconds since 1970.
   */
  created_at: number;
  status: 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled';
  background: boolean;
  /**
   * When the output ended, in seconds since 1970.
   */
  completed_at: number | null;
  error: {
    /**
     * server_error, rate_limit_exceeded or invalid_prompt.
     */
    code: string;
    message: string;
  } | null;
  frequency_penalty: number;
  incomplete_details: {
    /**
     * max_output_tokens or content_filter.
     */
    reason: string;
  } | null;
  instructions: string | null;
  /**
   * Null where it was left out: 4,096 then.
   */
  max_output_tokens: number | null;
  /**
   * Bounds hosted tools, of which there are none.
   */
  max_tool_calls: number | null;
  /**
   * The model that answered; before that, the one that was asked for.
   */
  model: string;
  output: ResponseOutputItem[];
  parallel_tool_calls: boolean;
  presence_penalty: number;
  previous_response_id: string | null;
  /**
   * As the request gave it.
   */
  prompt_cache_key: string | null;
  /**
   * As the request gave it.
   */
  prompt_cache_retention: string | null;
  reasoning: {
    effort: string | null;
    summary: string | null;
  };
  /**
   * As the request gave it.
   */
  safety_identifier: string | null;
  /**
   * Prices and budgets are those of the standard one.
   */
  service_tier: 'default';
  store: boolean;
  /**
   * 1 where it was left out, as at OpenAI; a model server's own default may differ.
   */
  temperature: number;
  text: {
    format: {
      [k: string]: unknown;
    };
    verbosity?: string;
  };
  tool_choice: unknown;
  tools: {
    [k: string]: unknown;
  }[];
  top_logprobs: number;
  top_p: number;
  truncation: string;
  /**
   * Null until it is known. Details that the model server does not tell are 0.
   */
  usage: {
    input_tokens: number;
    input_tokens_details: {
      cached_tokens: number;
      cache_write_tokens: number;
    };
    output_tokens: number;
    output_tokens_details: {
      reasoning_tokens: number;
    };
    total_tokens: number;
  } | null;
  /**
   * As the request gave it.
   */
  user: string | null;
  metadata: {
    [k: string]: string;
  };
  everytoken: RunFigures;
}
/**
 * An event of a streamed response. The name of its server-sent event is its type.
 */
export interface ResponseEvent {
  [k: string]: unknown;
}
/**
 * Items that the model was given, without the instructions.
 */
export interface ResponseInputItemList {
  object: 'list';
  data: (
    | ResponseOutputItem
    | {
        type: 'message';
        id: string;
        status: 'completed';
        role: string;
        content: {
          type: 'input_text';
          text: string;
        }[];
      }
    | {
        type: 'function_call_output' | 'custom_tool_call_output';
        id: string;
        status: 'completed';
        call_id: string;
        output: string;
      }
  )[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
}
export interface RunList {
  data: RunSummary[];
  /**
   * For the next page; null on the last one. A page may be short or empty and still have it: each request reads a bounded part of the list.
   */
  next_cursor: string | null;
}
/**
 * A run in lists.
 */
export interface RunSummary {
  id: string;
  object: 'run';
  /**
   * generated: the text is ready and is being indexed. completed: it is indexed, or the run has index: false. A failed run with texts could not be indexed (index_refused).
   */
  status: 'queued' | 'generating' | 'generated' | 'completed' | 'failed' | 'cancelled' | 'deleted';
  /**
   * When it was accepted.
   */
  created_at: string;
  model: string;
  /**
   * The models of its settings: provider/model for a configured provider, else the name at the default server. An alias is resolved.
   */
  models: string[];
  labels: string[];
  /**
   * False where the request said so: once the run has ended, prompt, messages and texts are null in every later answer.
   */
  store: boolean;
  metadata: {
    [k: string]: string;
  };
  /**
   * The conversation that it is a turn of: the name that the request gave, or the id of its first run, in which it is null.
   */
  conversation: string | null;
  /**
   * The run before it in its conversation.
   */
  previous_run: string | null;
  /**
   * Up to 120 characters of the prompt, or of the last message.
   */
  prompt_preview: string | null;
  /**
   * Up to 120 characters of its first text, once it has ended; of its calls of tools where that is empty.
   */
  text_preview: string | null;
  counts: {
    generations: number;
    completed: number;
    failed: number;
  };
  /**
   * Sums over its completed generations.
   */
  usage: {
    /**
     * Null when the server did not report it.
     */
    prompt_tokens: number | null;
    /**
     * N. Null when the server did not report it.
     */
    completion_tokens: number | null;
    /**
     * R, part of completion_tokens.
     */
    reasoning_tokens: number | null;
    /**
     * Always null: lists do not hold it. GET /runs/{id} has it.
     */
    cached_tokens: null;
  };
  /**
   * Cost of the completed generations. US dollars; null when any of it is unknown.
   */
  cost_usd: number | null;
  /**
   * Mean ttft_ms of its completed generations. Milliseconds.
   */
  mean_ttft_ms: number | null;
  /**
   * Mean tpot_ms of its completed generations. Milliseconds.
   */
  mean_tpot_ms: number | null;
  /**
   * Mean e2e_ms of its completed generations. Milliseconds.
   */
  e2e_ms: number | null;
  /**
   * The longest time between two chunks of any of its completed generations. Milliseconds.
   */
  longest_gap_ms: number | null;
  error: {
    code: string;
    message: string;
  } | null;
}
export interface SearchAnswer {
  /**
   * The outputs found, best first: by meaning, and by the rare words of the query. The order is not that of score alone when the query has rare words.
   */
  data: SearchMatch[];
  /**
   * @deprecated
   * Deprecated: the earlier name of data. The same list, without vectors.
   */
  matches: {
    /**
     * Cosine similarity of the query and this text.
     */
    score: number;
    run_id: string;
    /**
     * The generation's index.
     */
    index: number;
    /**
     * The text stored with the vector: a chunk, possibly truncated.
     */
    text: string;
    /**
     * The rare words of the query that this text has literally, in lower case: identifiers, names, numbers.
     */
    words: string[];
    /**
     * The requested model.
     */
    model: string;
    /**
     * The label of the setting.
     */
    label: string;
    /**
     * When its run was accepted, ISO 8601.
     */
    created_at: string;
    /**
     * Up to 120 characters of its run's prompt, or of the last message; null when unknown.
     */
    prompt_preview: string | null;
    /**
     * The other fields stored with the vector; its created_at is in epoch ms.
     */
    metadata: {
      [k: string]: string | number | boolean | string[];
    };
  }[];
  /**
   * Always null: a search has one page.
   */
  next_cursor: null;
  /**
   * Present when the matches may be incomplete, with the reason.
   */
  warnings?: string[];
}
/**
 * An output found.
 */
export interface SearchMatch {
  /**
   * Cosine similarity of the query and this text.
   */
  score: number;
  run_id: string;
  /**
   * The generation's index.
   */
  index: number;
  /**
   * The text stored with the vector: a chunk, possibly truncated.
   */
  text: string;
  /**
   * The rare words of the query that this text has literally, in lower case: identifiers, names, numbers.
   */
  words: string[];
  /**
   * The requested model.
   */
  model: string;
  /**
   * The label of the setting.
   */
  label: string;
  /**
   * When its run was accepted, ISO 8601.
   */
  created_at: string;
  /**
   * Up to 120 characters of its run's prompt, or of the last message; null when unknown.
   */
  prompt_preview: string | null;
  /**
   * The other fields stored with the vector; its created_at is in epoch ms.
   */
  metadata: {
    [k: string]: string | number | boolean | string[];
  };
  /**
   * With include: ["vectors"], the vector of this text, float32 in at most nine digits; null when it was deleted meanwhile.
   */
  vector?: number[] | null;
}
/**
 * The token timeline of a generation.
 */
export interface Trace {
  marks: {
    /**
     * t0 on the wall clock.
     */
    t0_utc: string;
    /**
     * t0 on the machine's monotonic clock. Milliseconds.
     */
    t0_monotonic_ms: number;
    /**
     * The server's id of the completion.
     */
    completion_id: string | null;
    /**
     * Response headers. After t0. Milliseconds.
     */
    tH: number | null;
    /**
     * First event of any kind. After t0. Milliseconds.
     */
    tR: number | null;
    /**
     * First non-empty payload. After t0. Milliseconds.
     */
    t1: number | null;
    /**
     * First visible content. After t0. Milliseconds.
     */
    tO: number | null;
    /**
     * Last non-empty payload. After t0. Milliseconds.
     */
    tL: number | null;
    /**
     * End of the stream. After t0. Milliseconds.
     */
    tE: number | null;
  };
  /**
   * Up to five of the longest gaps between chunks of the whole trace, longest first.
   */
  longest_gaps: {
    /**
     * Index of the chunk after the gap, from 0, in the whole trace.
     */
    chunk: number;
    /**
     * Milliseconds.
     */
    gap_ms: number;
  }[];
  /**
   * Those that were asked for, as many as fit into 5 MB.
   */
  chunks: TraceChunk[];
  /**
   * The value of after for the next chunks; null when these are the last.
   */
  next_after: number | null;
}
export interface TraceChunk {
  /**
   * Arrival time. Milliseconds after t0.
   */
  t_ms: number;
  text: string;
  /**
   * Number of tokens; null when unknown.
   */
  tokens: number | null;
  /**
   * Absent for visible content.
   */
  kind?: 'reasoning' | 'refusal' | 'tool';
  /**
   * Of kind tool: the place of its call in tool_calls.
   */
  call?: number;
  /**
   * An entry for each of its tokens; absent unless logprobs were requested and sent.
   */
  logprobs?: TokenLogprob[];
}
export interface Upload {
  /**
   * The file's id; GET /files/{id} reports its progress.
   */
  id: string;
  /**
   * The request that uploads the file's bytes, once; it needs no API key, but all of these headers.
   */
  upload: {
    url: string;
    method: 'PUT';
    headers: {
      [k: string]: string;
    };
    expires_at: string;
  };
}
export interface UsageReport {
  /**
   * Inclusive.
   */
  since: string;
  /**
   * Exclusive.
   */
  until: string;
  /**
   * As it was asked for.
   */
  group_by: string | null;
  groups: {
    /**
     * The key of the only grouping. Null for runs without this metadata key or whose names were erased, for other, and with two groupings.
     */
    key: string | null;
    /**
     * The key of each grouping, by its name.
     */
    keys: {
      [k: string]: string | null;
    };
    /**
     * The sum of the groups that are not shown: at most 5,000 are, those of the highest cost.
     */
    other?: true;
    /**
     * Number of runs.
     */
    requests: number;
    /**
     * Runs that failed.
     */
    failed_requests: number;
    /**
     * Outputs that ended.
     */
    generations: number;
    /**
     * Outputs that failed.
     */
    failed: number;
    prompt_tokens: number;
    completion_tokens: number;
    /**
     * Part of completion_tokens; null when none is known.
     */
    reasoning_tokens: number | null;
    /**
     * Sum of the known costs. US dollars; null when none is known.
     */
    cost_usd: number | null;
    /**
     * Completed outputs whose cost is unknown.
     */
    unpriced: number;
    /**
     * Mean over completed outputs. Milliseconds.
     */
    mean_ttft_ms: number | null;
  }[];
  total: {
    /**
     * Number of runs.
     */
    requests: number;
    /**
     * Runs that failed.
     */
    failed_requests: number;
    /**
     * Outputs that ended.
     */
    generations: number;
    /**
     * Outputs that failed.
     */
    failed: number;
    prompt_tokens: number;
    completion_tokens: number;
    /**
     * Part of completion_tokens; null when none is known.
     */
    reasoning_tokens: number | null;
    /**
     * Sum of the known costs. US dollars; null when none is known.
     */
    cost_usd: number | null;
    /**
     * Completed outputs whose cost is unknown.
     */
    unpriced: number;
    /**
     * Mean over completed outputs. Milliseconds.
     */
    mean_ttft_ms: number | null;
  };
  /**
   * Not all runs that are not summed yet were read; ask for a shorter period, or one that ended an hour ago.
   */
  truncated: boolean;
  /**
   * The caller's budget of today; null without one.
   */
  budget: {
    /**
     * UTC.
     */
    day: string;
    resets_at: string;
    /**
     * Null when not limited.
     */
    tokens: {
      limit: number;
      /**
       * Includes the reservations of runs under way.
       */
      used: number;
      left: number;
    } | null;
    /**
     * US dollars; null when not limited.
     */
    cost_usd: {
      limit: number;
      /**
       * Includes the reservations of runs under way.
       */
      used: number;
      left: number;
    } | null;
  } | null;
}
export interface ListRunsQuery {
  /**
   * Maximum number of items in the page.
   */
  limit?: number;
  /**
   * next_cursor of the previous page.
   */
  cursor?: string;
  /**
   * Runs with this status.
   */
  status?: 'queued' | 'generating' | 'generated' | 'completed' | 'failed' | 'cancelled' | 'deleted';
  /**
   * Runs with a setting of this model: in full (groq/llama-3), as its name at any provider (llama-3) or as a provider alone (groq). default/llama-3 is that of the default server alone. An alias finds the runs of its model.
   */
  model?: string;
  /**
   * Runs with a setting of this label.
   */
  label?: string;
  /**
   * Created at or after this date (UTC), instant with its offset, or time before now: 30m, 24h, 7d, 4w.
   */
  since?: string;
  /**
   * Created before this instant or time before now, or on or before this date (UTC).
   */
  until?: string;
  /**
   * Runs of the prompt file with this id.
   */
  file?: string;
  /**
   * Turns of the conversation of this name, or of the one that the run with this id began.
   */
  conversation?: string;
  /**
   * Runs whose mean time to first token, in ms (mean_ttft_ms) is at least this; never those in which it is unknown.
   */
  min_ttft_ms?: number;
  /**
   * Runs whose mean time to first token, in ms (mean_ttft_ms) is at most this; never those in which it is unknown.
   */
  max_ttft_ms?: number;
  /**
   * Runs whose mean time per output token, in ms (mean_tpot_ms) is at least this; never those in which it is unknown.
   */
  min_tpot_ms?: number;
  /**
   * Runs whose mean time per output token, in ms (mean_tpot_ms) is at most this; never those in which it is unknown.
   */
  max_tpot_ms?: number;
  /**
   * Runs whose mean time to the end of the stream, in ms (e2e_ms) is at least this; never those in which it is unknown.
   */
  min_e2e_ms?: number;
  /**
   * Runs whose mean time to the end of the stream, in ms (e2e_ms) is at most this; never those in which it is unknown.
   */
  max_e2e_ms?: number;
  /**
   * Runs whose cost in US dollars (cost_usd) is at least this; never those in which it is unknown.
   */
  min_cost_usd?: number;
  /**
   * Runs whose cost in US dollars (cost_usd) is at most this; never those in which it is unknown.
   */
  max_cost_usd?: number;
  /**
   * Runs whose completion tokens (usage.completion_tokens) is at least this; never those in which it is unknown.
   */
  min_tokens?: number;
  /**
   * Runs whose completion tokens (usage.completion_tokens) is at most this; never those in which it is unknown.
   */
  max_tokens?: number;
  /**
   * The order of the list, - for the greatest first; unknown figures are last in both. An order by a figure, or by created_at from the oldest, reads all runs from since to until, and refuses more than 10000 of them.
   */
  sort?:
    | 'created_at'
    | '-created_at'
    | 'ttft_ms'
    | '-ttft_ms'
    | 'tpot_ms'
    | '-tpot_ms'
    | 'e2e_ms'
    | '-e2e_ms'
    | 'cost_usd'
    | '-cost_usd'
    | 'tokens'
    | '-tokens';
  /**
   * Streams all runs of the list as a table, a row a generation.
   */
  format?: 'jsonl' | 'csv';
  /**
   * With format: whole prompts and texts, instead of their first 120 characters.
   */
  texts?: boolean;
  /**
   * With format: metadata keys that get a column each, with commas between them.
   */
  metadata_columns?: string;
}
export interface ReadRunQuery {
  /**
   * Answers at the next change of status, or as it is after this many seconds.
   */
  wait?: number;
}
export interface ReadTraceQuery {
  /**
   * Chunks after the one of this index.
   */
  after?: number;
  /**
   * Maximum number of chunks.
   */
  limit?: number;
}
export interface ListComparisonsQuery {
  /**
   * Maximum number of items in the page.
   */
  limit?: number;
  /**
   * next_cursor of the previous page.
   */
  cursor?: string;
  /**
   * Comparisons with this status.
   */
  status?: 'generating' | 'generated' | 'completed' | 'completed_with_errors' | 'failed';
  /**
   * Created at or after this date (UTC), instant with its offset, or time before now: 30m, 24h, 7d, 4w.
   */
  since?: string;
  /**
   * Created before this instant or time before now, or on or before this date (UTC).
   */
  until?: string;
}
export interface ReadComparisonQuery {
  /**
   * Whether the answer has the texts of the outputs: by default once the comparison has ended; `true` also has those so far, `false` leaves them null.
   */
  texts?: 'true' | 'false';
  /**
   * Answers at the next change of status, or as it is after this many seconds.
   */
  wait?: number;
}
export interface ListFilesQuery {
  /**
   * Maximum number of items in the page.
   */
  limit?: number;
  /**
   * next_cursor of the previous page.
   */
  cursor?: string;
  /**
   * Files with this status.
   */
  status?:
    | 'awaiting_upload'
    | 'reading'
    | 'generating'
    | 'completed'
    | 'completed_with_errors'
    | 'failed'
    | 'cancelled';
  /**
   * Created at or after this date (UTC), instant with its offset, or time before now: 30m, 24h, 7d, 4w.
   */
  since?: string;
  /**
   * Created before this instant or time before now, or on or before this date (UTC).
   */
  until?: string;
}
export interface ReadFileQuery {
  /**
   * Answers at the next change of status, or as it is after this many seconds.
   */
  wait?: number;
}
export interface StopFileQuery {
  /**
   * Whether the file is deleted with everything of it.
   */
  purge?: 'true' | 'false';
}
export interface ListExportsQuery {
  /**
   * Maximum number of items in the page.
   */
  limit?: number;
  /**
   * next_cursor of the previous page.
   */
  cursor?: string;
}
export interface ReadUsageQuery {
  /**
   * Created at or after this date (UTC), instant with its offset, or time before now: 30m, 24h, 7d, 4w.
   */
  since?: string;
  /**
   * Created before this instant or time before now, or on or before this date (UTC).
   */
  until?: string;
  /**
   * One or two of model, label, day and metadata.KEY, with a comma between (day,model); for an operator model, day, caller and the metadata of USAGE_KEYS. A comma within KEY has a backslash before it.
   */
  group_by?: string;
  /**
   * csv for a table: a row a group, or one row of the total.
   */
  format?: 'json' | 'csv';
  /**
   * With an operator's key: one caller alone, with its budget. Without it: all callers.
   */
  caller?: string;
}
export interface ListCallersQuery {
  /**
   * Maximum number of items in the page.
   */
  limit?: number;
  /**
   * next_cursor of the previous page.
   */
  cursor?: string;
}
export interface ReadResponseQuery {
  /**
   * message.output_text.logprobs or reasoning.encrypted_content.
   */
  'include[]'?: string[];
  /**
   * Streams the events again.
   */
  stream?: boolean;
  /**
   * Streams the events after the one with this sequence number.
   */
  starting_after?: number;
  /**
   * Pads deltas with random characters; false by default.
   */
  include_obfuscation?: boolean;
}
export interface ListResponseInputItemsQuery {
  /**
   * Maximum number of items in the page.
   */
  limit?: number;
  /**
   * desc by default.
   */
  order?: 'asc' | 'desc';
  /**
   * The items after the one with this id.
   */
  after?: string;
  /**
   * message.output_text.logprobs or reasoning.encrypted_content.
   */
  'include[]'?: string[];
}
export interface ListOpenAIFilesQuery {
  /**
   * Maximum number of files; a page has 100 at most.
   */
  limit?: number;
  /**
   * last_id of the previous page of files.
   */
  after?: string;
  /**
   * desc: the newest first. Results have the time of their batch.
   */
  order?: 'asc' | 'desc';
  /**
   * Only files of this purpose.
   */
  purpose?: 'batch' | 'batch_output';
}
export interface ListOpenAIBatchesQuery {
  /**
   * Maximum number of items in the page.
   */
  limit?: number;
  /**
   * last_id of the previous page of batches.
   */
  after?: string;
}
