import type { Protocol } from './domain/endpoint.js';

/** What a client says until TLS begins, and how it leaves: lines, since all of these protocols are of lines. */
export interface Speech {
  /** Whether TLS comes after an agreement in the clear, or from the first byte. */
  readonly tls: 'at-once' | 'agreed';
  /** The last line of a greeting or an answer, or undefined where more lines come; `agrees` says which way it went. */
  readonly last: RegExp;
  readonly agrees: RegExp;
  /** Said one after the other after the greeting; the last of them begins TLS where it is agreed. */
  readonly ask: readonly string[];
  /** RFC 5321 §4.1.1.10 and its like: who tears the connection is an error in the mail log, and fail2ban counts it. */
  readonly leave: string;
}

/** RFC 5321 §4.2: `250-` goes on, `250 ` ends. The name is nobody's, RFC 6761 §6.4; a client is not looked up by it. */
const smtp = {
  last: /^\d{3}(?: |$)/,
  agrees: /^2\d\d/,
  leave: 'QUIT',
} as const;
const hello = 'sixhub.invalid';

/** RFC 3501 §7.1: an untagged greeting, then answers with our tags. */
const imap = {
  last: /^(?:\* (?:OK|PREAUTH|BYE)\b|[as]\d )/,
  agrees: /^(?:\* OK|[as]\d OK)\b/i,
  leave: 's2 LOGOUT',
} as const;

/** RFC 1939 §3: answers of one line, where no more is asked for. */
const pop3 = { last: /^(?:\+OK|-ERR)\b/, agrees: /^\+OK\b/, leave: 'QUIT' } as const;

export const speeches: Readonly<Record<Exclude<Protocol, 'tls'>, Speech>> = {
  smtp: { ...smtp, tls: 'agreed', ask: [`EHLO ${hello}`, 'STARTTLS'] },
  lmtp: { ...smtp, tls: 'agreed', ask: [`LHLO ${hello}`, 'STARTTLS'] },
  smtps: { ...smtp, tls: 'at-once', ask: [] },
  imap: { ...imap, tls: 'agreed', ask: ['s1 STARTTLS'] },
  imaps: { ...imap, tls: 'at-once', ask: [] },
  pop3: { ...pop3, tls: 'agreed', ask: ['STLS'] },
  pop3s: { ...pop3, tls: 'at-once', ask: [] },
  // RFC 5804 §1.7: a greeting of capabilities, closed by OK; TLS is followed by the capabilities again.
  sieve: {
    last: /^(?:OK|NO|BYE)\b/i,
    agrees: /^OK\b/i,
    tls: 'agreed',
    ask: ['STARTTLS'],
    leave: 'LOGOUT',
  },
};
