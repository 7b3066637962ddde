import { errorText, systemCode } from '@sixhub/base';
import type { ListenAddress } from '../domain/listen-address.js';
import { parseResponse, type Response } from '../domain/response.js';
import { overTcp, overUdp } from './exchange.js';
import { buildQuestion } from './question.js';

export type Answered =
  | {
      readonly kind: 'answered';
      readonly response: Response;
      /** This machine's address that the question went out from. */
      readonly from: string;
    }
  | Silence;
export interface Silence {
  readonly kind: 'silent';
  readonly reason: string;
  /** This machine can't get there, which says nothing about the server. */
  readonly noRoute: boolean;
}

/** What a question says beside its name and type, and how long it waits for the answer. */
export interface QuestionOptions {
  /** RD: a resolver is to look it up elsewhere. */
  readonly recursion?: boolean;
  /** DO: with signatures (RFC 3225). */
  readonly dnssec?: boolean;
  /** CD: a validating resolver is to hand out what it takes for forged, too (RFC 4035 §3.2.2). */
  readonly checkingDisabled?: boolean;
  /** Where the packets go instead of the server's own address: its NAT64 one, as a `Route` tells it. */
  readonly by?: string;
  /** For each of UDP and TCP; three seconds unless said. */
  readonly withinMs?: number;
  /** Aborted, it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface AskOptions extends QuestionOptions {
  readonly transport: 'udp' | 'tcp';
}

/** One question to one server, as a validator's resolver asks it: EDNS, no recursion unless said. */
export async function ask(
  server: ListenAddress,
  name: string,
  type: number,
  options: AskOptions = { transport: 'udp' },
): Promise<Answered> {
  const { transport, by = server.address, withinMs = 3_000, signal } = options;
  signal?.throwIfAborted();
  const question = buildQuestion(name, type, options);
  const exchange = transport === 'udp' ? overUdp : overTcp;
  try {
    const place = { address: by, port: server.port };
    const { message, from } = await exchange(place, question, withinMs, signal);
    const response = parseResponse(message);
    return response === undefined
      ? { kind: 'silent', reason: 'its answer is not whole', noRoute: false }
      : { kind: 'answered', response, from };
  } catch (error) {
    signal?.throwIfAborted();
    return { kind: 'silent', reason: errorText(error), noRoute: isNoRoute(error) };
  }
}

/** As a resolver does it: over UDP, and over TCP where the answer was cut. */
export async function askWhole(
  server: ListenAddress,
  name: string,
  type: number,
  options: QuestionOptions = {},
): Promise<Answered> {
  const answer = await ask(server, name, type, { ...options, transport: 'udp' });
  const cut = answer.kind === 'answered' && answer.response.truncated;
  return cut ? ask(server, name, type, { ...options, transport: 'tcp' }) : answer;
}

const noRouteCodes = ['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'];

/** The system's word that no packet can leave for there. */
function isNoRoute(error: unknown): boolean {
  return noRouteCodes.includes(systemCode(error) ?? '');
}
