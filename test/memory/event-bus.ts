import { UpstreamError } from '../../lib/errors.ts';
import type { DomainEvent, EventBus } from '../../lib/runs/ports.ts';
import { copyOf } from './copy.ts';

/** Keeps accepted events, and delivers RunGenerated as EventBridge's rule does; rejects everything while `down`. */
export const makeMemoryBus = (
  deliver: (body: string) => Promise<void> = async () => {},
): EventBus & { events: DomainEvent[]; down: boolean; idsOf: (type: DomainEvent['type']) => unknown[] } => {
  const events: DomainEvent[] = [];
  const bus = {
    events,
    down: false,
    idsOf: (type: DomainEvent['type']) =>
      events.filter((event) => event.type === type).map(({ detail }) => detail.event_id),
    emit: async (emitted: DomainEvent[]) => {
      if (bus.down)
        throw new UpstreamError('events', 'the bus refused all events', { code: 'events_refused' });
      for (const event of emitted) {
        events.push(copyOf(event));
        if (event.type === 'RunGenerated') {
          await deliver(
            JSON.stringify({ source: 'everytoken', 'detail-type': event.type, detail: event.detail }),
          );
        }
      }
    },
  };
  return bus;
};
