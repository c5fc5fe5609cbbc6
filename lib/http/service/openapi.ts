import * as z from 'zod';
import type { HealthReport } from '../../operate/check-health.ts';

const check = z.enum(['ok', 'down']);

export const healthSchema = z.object({
  status: check,
  checks: z.record(z.string(), check).describe('dynamodb, s3, sqs, events, openai, pinecone'),
}) satisfies z.ZodType<HealthReport>;
