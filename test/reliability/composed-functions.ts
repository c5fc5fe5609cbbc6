/**
 * The handler factories of the functions. Their modules also compose a handler from the environment when they are
 * loaded, which makes no request and is not used here.
 */
export const composedFunctions = async () => {
  for (const name of ['TABLE_NAME', 'CONTENT_BUCKET', 'BUS_NAME']) process.env[name] ??= 'not-used';
  for (const name of ['JOBS_QUEUE_URL', 'INTAKE_QUEUE_URL', 'EXPORT_QUEUE_URL'])
    process.env[name] ??= 'http://127.0.0.1:1/none';
  process.env.AWS_REGION ??= 'eu-west-1';
  const [embed, queue, intake] = await Promise.all([
    import('../../functions/embed.ts'),
    import('../../functions/generate/queue.ts'),
    import('../../functions/intake.ts'),
  ]);
  return {
    makeEmbedHandler: embed.makeEmbedHandler,
    makeGenerateQueueHandler: queue.makeGenerateQueueHandler,
    makeIntakeHandler: intake.makeIntakeHandler,
  };
};
