import { projectVectors } from '../../search/project-vectors.ts';

/** Off the page's thread: 100 vectors take a quarter of a second. */
addEventListener('message', ({ data }: MessageEvent<number[][]>) => {
  postMessage(projectVectors(data));
});
