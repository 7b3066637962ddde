import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

const usualLimit = 100;
const longestLimit = 1_000;

/** Of every list: how many, and after which. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(longestLimit).default(usualLimit),
  cursor: z
    .string()
    .max(1_000)
    .optional()
    .describe('`next` of the page before; a cursor stays good whatever is added or removed'),
});

export const nextCursor = z
  .string()
  .nullable()
  .describe('Where the next page begins, as `cursor`; null: this is the last');

interface PageOf<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

/**
 * A page of one more row than was asked for: whether there is a next one is known without counting. The order is that
 * of names, so that what is added or removed meanwhile moves nothing.
 */
export async function pageOf<Row>(
  limit: number,
  read: (limit: number) => Promise<readonly Row[]>,
  cursorAt: (row: Row) => string,
): Promise<PageOf<Row>> {
  const rows = await read(limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > limit && last !== undefined ? cursorAt(last) : null };
}

/** RFC 8288: for clients that follow links instead of reading the body. */
export function linkNext(request: FastifyRequest, reply: FastifyReply, next: string | null): void {
  if (next === null) return;
  const url = new URL(request.url, 'http://hub');
  url.searchParams.set('cursor', next);
  reply.header('Link', `<${url.pathname}${url.search}>; rel="next"`);
}
