import type { Fault } from '../crash/faults.ts';
import { makeWorld, type World } from '../memory/world.ts';
import { makeService, type Service } from './service.ts';

/**
 * Plays a scenario once without faults, finds the effect of this name that comes after `skip` others, and plays the
 * scenario again with the fault there.
 */
export const playWithFault = async (
  fault: Fault,
  effect: string,
  play: (service: Service) => Promise<unknown>,
  { build = () => makeWorld(), skip = 0 }: { build?: () => World; skip?: number } = {},
): Promise<Service> => {
  const rehearsal = makeService({ world: build() });
  await play(rehearsal);
  const places = rehearsal.faults.effects.flatMap((name, at) => (name === effect ? [at + 1] : []));
  const place = places[skip];
  if (place === undefined) throw new Error(`no effect ${skip} of the name ${effect}`);
  const service = makeService({ world: build(), plan: new Map([[place, fault]]) });
  await play(service);
  return service;
};
