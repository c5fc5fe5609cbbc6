import type { ComponentChildren } from 'preact';
import { useErrorBoundary } from 'preact/hooks';
import { Failure } from './states.tsx';

/**
 * Keeps a part that cannot be drawn from taking the whole page with it: an answer of a newer API, or of a proxy, may have
 * another shape than this page knows.
 */
export const Boundary = ({ what, children }: { what: string; children: ComponentChildren }) => {
  const [error, reset] = useErrorBoundary();
  return error === undefined ? children : <Failure error={error} what={what} retry={reset} />;
};
