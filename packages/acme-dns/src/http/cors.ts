import type { HttpRequest } from './http-request.js';

/** Headers for a web page of another origin (the Fetch standard's CORS protocol); none where it is not allowed. */
export function corsHeaders(
  request: HttpRequest,
  origins: readonly string[],
): Readonly<Record<string, string>> {
  const origin = request.header('origin');
  if (origin === undefined) return {};
  const any = origins.includes('*');
  if (!any && !origins.some((pattern) => fits(pattern, origin))) return { Vary: 'Origin' };
  const allowed = { 'Access-Control-Allow-Origin': any ? '*' : origin, Vary: 'Origin' };
  const asked = request.header('access-control-request-headers');
  if (request.method !== 'OPTIONS') return allowed;
  return {
    ...allowed,
    'Access-Control-Allow-Methods': 'GET, POST',
    ...(asked === undefined ? {} : { 'Access-Control-Allow-Headers': asked }),
  };
}

/** An origin, or a pattern with one asterisk, as the Go program takes them: `https://*.example.org`. */
function fits(pattern: string, origin: string): boolean {
  const [before = '', after] = pattern.toLowerCase().split('*');
  const text = origin.toLowerCase();
  if (after === undefined) return text === before;
  const longEnough = text.length >= before.length + after.length;
  return longEnough && text.startsWith(before) && text.endsWith(after);
}
