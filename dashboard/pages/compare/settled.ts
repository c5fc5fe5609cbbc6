import { useEffect, useState } from 'preact/hooks';

const SETTLED_MS = 400;

/** A value once it has not changed for a moment, so that nothing is asked at every key. */
export const useSettled = <T>(value: T): T => {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
};
