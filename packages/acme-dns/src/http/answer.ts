/** What a route answers. The bodies are the Go program's, byte for byte, since clients search them as text. */
export interface Answer {
  readonly status: number;
  readonly type?: 'application/json' | 'text/plain; charset=utf-8';
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function json(status: number, body: string): Answer {
  return { status, type: 'application/json', body };
}

/** With its space behind the colon, and no newline at the end. */
export function jsonError(status: number, word: string): Answer {
  return json(status, `{"error": "${word}"}`);
}

export function plain(status: number, body: string, headers?: Record<string, string>): Answer {
  const type = 'text/plain; charset=utf-8';
  return { status, type, body, ...(headers === undefined ? {} : { headers }) };
}

export const notFound = plain(404, '404 page not found\n');
