import type { TokenLogprob } from '../../runs/token-logprobs.ts';

type Logprob = TokenLogprob;

export type TextPart = { type: 'output_text'; text: string; annotations: []; logprobs: Logprob[] };
export type RefusalPart = { type: 'refusal'; refusal: string };
export type ReasoningTextPart = { type: 'reasoning_text'; text: string };
type SummaryPart = { type: 'summary_text'; text: string };

type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** An item of an answer, in OpenAI's shape: https://platform.openai.com/docs/api-reference/responses/object. */
export type OutputItem =
  | {
      type: 'message';
      id: string;
      status: ItemStatus;
      role: 'assistant';
      content: (TextPart | RefusalPart)[];
    }
  | {
      type: 'reasoning';
      id: string;
      status?: ItemStatus;
      summary: SummaryPart[];
      content?: ReasoningTextPart[];
      encrypted_content?: string;
    }
  | {
      type: 'function_call';
      id: string;
      status: ItemStatus;
      call_id: string;
      name: string;
      arguments: string;
    }
  | {
      type: 'custom_tool_call';
      id: string;
      status: ItemStatus;
      call_id: string;
      name: string;
      input: string;
    };

/** The status that an output ends with. */
export type EndStatus = 'completed' | 'incomplete';

type At = { output_index: number; item_id: string };
type InContent = At & { content_index: number };
type InSummary = At & { summary_index: number };

/**
 * An event that adds to the output of a response, without its sequence number:
 * https://platform.openai.com/docs/api-reference/responses-streaming.
 */
export type OutputEvent =
  | {
      type: 'response.output_item.added' | 'response.output_item.done';
      output_index: number;
      item: OutputItem;
    }
  | ({
      type: 'response.content_part.added' | 'response.content_part.done';
      part: TextPart | RefusalPart | ReasoningTextPart;
    } & InContent)
  | ({ type: 'response.output_text.delta'; delta: string; logprobs: Logprob[] } & InContent)
  | ({ type: 'response.output_text.done'; text: string; logprobs: Logprob[] } & InContent)
  | ({ type: 'response.refusal.delta'; delta: string } & InContent)
  | ({ type: 'response.refusal.done'; refusal: string } & InContent)
  | ({ type: 'response.reasoning_text.delta'; delta: string } & InContent)
  | ({ type: 'response.reasoning_text.done'; text: string } & InContent)
  | ({
      type: 'response.reasoning_summary_part.added' | 'response.reasoning_summary_part.done';
      part: SummaryPart;
    } & InSummary)
  | ({ type: 'response.reasoning_summary_text.delta'; delta: string } & InSummary)
  | ({ type: 'response.reasoning_summary_text.done'; text: string } & InSummary)
  | ({ type: 'response.function_call_arguments.delta'; delta: string } & At)
  | ({ type: 'response.function_call_arguments.done'; name: string; arguments: string } & At)
  | ({ type: 'response.custom_tool_call_input.delta'; delta: string } & At)
  | ({ type: 'response.custom_tool_call_input.done'; input: string } & At);
