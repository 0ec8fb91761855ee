import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReplyQueue } from '../../../server/src/ws/reply-queue.ts';

test('[WR1] replies leave in request order, whatever order they come in', () => {
  const plan = fc.array(fc.tuple(fc.boolean(), fc.nat(), fc.integer({ min: 1, max: 1_000 })), {
    maxLength: 400,
  });
  fc.assert(
    fc.property(plan, (steps) => {
      const left: string[] = [];
      const queue = new ReplyQueue({ send: (text) => left.push(text) });
      const waiting: number[] = [];
      let given = 0;
      let weight = 0;
      const answerOne = (pick: number) => {
        const [ticket] = waiting.splice(pick % waiting.length, 1);
        if (ticket === undefined) return;
        expect(queue.idOf(ticket)).toBe(ticket * 7);
        expect(queue.answer(ticket, `reply ${ticket}`)).toBe(true);
        expect(queue.answer(ticket, 'again')).toBe(false);
      };
      for (const [reserves, pick, size] of steps) {
        if (reserves || waiting.length === 0) {
          waiting.push(queue.reserve(given * 7, size));
          given++;
          weight += size;
        } else answerOne(pick);
        expect(queue.size).toBe(given - left.length);
        expect(queue.weight).toBeLessThanOrEqual(weight);
      }
      while (waiting.length > 0) answerOne(waiting.length * 31);
      expect(left).toEqual(Array.from({ length: given }, (_, ticket) => `reply ${ticket}`));
      expect(queue.weight).toBe(0);
      expect(queue.hasLeft(given - 1)).toBe(true);
      expect(queue.hasLeft(given)).toBe(false);
    }),
  );
});

test('[WR1] a queue that has been thousands deep goes on after it emptied', () => {
  const left: string[] = [];
  const queue = new ReplyQueue({ send: (text) => left.push(text) });
  for (let round = 0; round < 3; round++) {
    const tickets = Array.from({ length: 5_000 }, () => queue.reserve(null, 1));
    for (const ticket of tickets.toReversed()) queue.answer(ticket, String(ticket));
  }
  expect(left).toEqual(Array.from({ length: 15_000 }, (_, i) => String(i)));
});

test('[WR1] an answer to a ticket that is not waiting goes nowhere', () => {
  const left: string[] = [];
  const queue = new ReplyQueue({ send: (text) => left.push(text) });
  expect(queue.answer(0, 'too early')).toBe(false);
  const ticket = queue.reserve('a', 1);
  queue.answer(ticket, 'right');
  expect(queue.answer(ticket, 'too late')).toBe(false);
  expect(left).toEqual(['right']);
});
