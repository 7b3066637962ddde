import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { once } from 'node:events';
import {
  mustBe,
  openEstate,
  ports,
  startSshMachine,
  type CommandOptions,
  type CommandResult,
  type Daemon,
  type Estate,
  type SshMachine,
} from '../../lab/index.js';

export const name = 'example.org';
export const place = '/etc/ssl/sixhub';

/** A hub with a certificate, and a host with Apache and sshd, on which nothing of ours is yet. */
export interface Ground extends AsyncDisposable {
  readonly estate: Estate;
  readonly serving: Daemon;
  readonly machine: SshMachine;
  /** Where Apache listens. */
  readonly endpoint: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `hub push WORDS`. */
  push(words: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** `hub push add nas …` as its user has it, with more words. */
  add(words: readonly string[]): Promise<CommandResult>;
  /** Serial number and issuer of what Apache shows. */
  shown(): Promise<string>;
  /** Serial number of the newest version. */
  newest(): Promise<string>;
}

export const files = [
  ...['--file', `fullchain=${place}/fullchain.pem`, '--file', `privkey=${place}/privkey.pem:640`],
  ...['--check', 'apachectl -t', '--reload', 'apachectl graceful'],
];

export async function openGround(before = ''): Promise<Ground> {
  const estate = await openEstate();
  try {
    return await groundOn(estate, before);
  } catch (error) {
    await estate[Symbol.asyncDispose]();
    throw error;
  }
}

async function groundOn(estate: Estate, before: string): Promise<Ground> {
  const { hub, lab } = estate;
  const serving = await hub.serve();
  await estate.delegate(name);
  await mustBe(0, await hub.run(['issue', name]));
  const address = lab.address();
  const machine = await startSshMachine(lab, {
    before: `
mkdir -p ${place} /var/log/apache2
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=first -days 30 \
  -keyout ${place}/privkey.pem -out ${place}/fullchain.pem 2> /dev/null
echo > /etc/apache2/ports.conf
rm -f /etc/apache2/sites-enabled/*
cat > /etc/apache2/sites-enabled/site.conf <<'END'
Listen ${address}:${ports.https}
<VirtualHost ${address}:${ports.https}>
ServerName www.${name}
SSLEngine on
SSLProtocol TLSv1.2
SSLCipherSuite ECDHE-ECDSA-AES128-GCM-SHA256
SSLCertificateFile ${place}/fullchain.pem
SSLCertificateKeyFile ${place}/privkey.pem
</VirtualHost>
END
for module in ssl socache_shmcb; do ln -sf ../mods-available/$module.load /etc/apache2/mods-enabled/; done
apachectl start
${before}`,
  });
  const home = await lab.makeDirectory('home');
  await mkdir(join(home, '.ssh'));
  const env = { HOME: home, SSH_AUTH_SOCK: undefined };
  const push: Ground['push'] = (words, options) =>
    hub.run(['push', ...words], { ...options, env: { ...env, ...options?.env } });
  const endpoint = `${address}:${ports.https}`;
  return {
    ...{ estate, serving, machine, endpoint, env, push },
    add: (words) =>
      push([
        ...['add', 'nas', machine.root, '--cert', name, '--host-key', machine.fingerprint],
        ...['--connect', endpoint, '--servername', `www.${name}`, ...words],
      ]),
    async shown() {
      const socket = connect({ host: address, port: ports.https, rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const { serialNumber, issuer } = new X509Certificate(socket.getPeerCertificate().raw);
      socket.destroy();
      return `${serialNumber.toLowerCase().replace(/^0+/, '')} ${issuer}`;
    },
    async newest() {
      const { stdout } = await mustBe(0, await hub.run(['show', name, '--json']));
      const { version } = JSON.parse(stdout) as { version: { serial: string } };
      return version.serial.toLowerCase().replace(/^0+/, '');
    },
    [Symbol.asyncDispose]: () => estate[Symbol.asyncDispose](),
  };
}

/** `hub push add … --install`, by the machine's own login. */
export function installing(machine: SshMachine): readonly string[] {
  return ['--install', '--yes', '--identity', machine.identity, ...files];
}
