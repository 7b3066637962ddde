import { rcode, rcodeName, typeName } from '../domain/codes.js';
import { listenText, type ListenAddress } from '../domain/listen-address.js';
import { askWhole, type QuestionOptions } from './ask.js';

export type Found =
  | { readonly kind: 'found'; readonly data: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string };

/** The resolver through which names are looked up; that a name has no such record is found, too. */
export class Resolver {
  private readonly server: ListenAddress;

  private readonly options: Pick<QuestionOptions, 'withinMs' | 'signal'>;

  constructor(server: ListenAddress, options: Pick<QuestionOptions, 'withinMs' | 'signal'> = {}) {
    this.server = server;
    this.options = options;
  }

  get place(): string {
    return listenText(this.server);
  }

  async find(name: string, types: readonly number[]): Promise<Found> {
    const data: string[] = [];
    for (const type of types) {
      const failed = (why: string): Found => ({
        kind: 'failed',
        reason: `${name} ${typeName(type)}: the resolver ${this.place} ${why}`,
      });
      const answer = await askWhole(this.server, name, type, { ...this.options, recursion: true });
      if (answer.kind === 'silent') return failed(`says nothing (${answer.reason})`);
      const { response } = answer;
      if (response.rcode !== rcode.noError && response.rcode !== rcode.nxDomain)
        return failed(`answers ${rcodeName(response.rcode)}`);
      data.push(...response.answer.flatMap((one) => (one.type === type ? [one.data] : [])));
    }
    return { kind: 'found', data };
  }
}
