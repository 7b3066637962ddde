import { SixhubError } from '@sixhub/base';
import { makeCertbot, type Estate } from '@sixhub/test/lab';

export interface Certbot {
  issue(): Promise<{ code: number; stderr: string; milliseconds: number }>;
}

/** certbot as Debian has it, with a hook on the API of an acme-dns of its own, for a domain delegated to that. */
export async function startCertbotHouse(estate: Estate, domain: string): Promise<Certbot> {
  const certbot = await makeCertbot(estate);
  await certbot.delegate(domain);
  const words = ['--force-renewal', '--key-type', 'ecdsa', '-d', domain, '-d', `*.${domain}`];
  return {
    async issue() {
      const start = performance.now();
      const failure = await certbot.issue(words).then(
        () => undefined,
        (error: unknown) => {
          if (error instanceof SixhubError) return error.hint;
          throw error;
        },
      );
      const milliseconds = performance.now() - start;
      return { code: failure === undefined ? 0 : 1, stderr: failure ?? '', milliseconds };
    },
  };
}
