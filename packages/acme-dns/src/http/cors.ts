import type { HttpRequest } from './http-request.js';

/** Headers for a web page of another origin (the Fetch standard's CORS protocol); none where it is not allowed. */
export function corsHeaders(
  request: HttpRequest,
  origins: readonly string[],
): Readonly<Record<string, string>> {
  const origin = request.header('origin');
  if (origin === undefined) return {};
  const any = origins.includes('*');
  if (!any && !origins.includes(origin)) return { Vary: 'Origin' };
  const allowed = { 'Access-Control-Allow-Origin': any ? '*' : origin, Vary: 'Origin' };
  const asked = request.header('access-control-request-headers');
  if (request.method !== 'OPTIONS') return allowed;
  return {
    ...allowed,
    'Access-Control-Allow-Methods': 'GET, POST',
    ...(asked === undefined ? {} : { 'Access-Control-Allow-Headers': asked }),
  };
}
