import type { Random } from '../../../local/model/random.ts';

/** A copy in random order; every order is equally likely (Fisher-Yates). */
export const shuffled = <T>(items: readonly T[], random: Random): T[] => {
  const left = [...items];
  const order: T[] = [];
  while (left.length > 0) order.push(...left.splice(Math.floor(random() * left.length), 1));
  return order;
};
