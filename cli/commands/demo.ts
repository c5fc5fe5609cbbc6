import { type Define, examples } from '../command.ts';

export const define: Define = (command) => {
  command
    .argument('[prompt...]', "a prompt instead of the tutorial's")
    .addHelpText(
      'after',
      examples(
        ['everytoken demo', 'the whole pipeline with the local model, in a data folder of its own'],
        ['everytoken demo "Explain neural nets."', 'another prompt'],
        [
          'OPENAI_API_KEY=… PINECONE_API_KEY=… everytoken demo',
          'with services of your own, which charge for it',
        ],
      ),
    )
    .action(async (words) => {
      const { demo } = await import('../demo/demo.ts');
      await demo(words.join(' ').trim());
    });
};
