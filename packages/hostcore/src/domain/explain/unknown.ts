import type { Host } from '../host.js';
import type { Topic } from './topic.js';

/** Of devices and files that host.toml does not have: that it leaves them alone is an answer. */
export function unknownTopics(host: Host, words: readonly string[]): readonly Topic[] {
  return words.flatMap((word) => [...device(host, word), ...file(word)]);
}

const deviceName =
  /^(lo|(en[opsx]?|eth|br-?|virbr|vnet|tap|tun|veth|docker|wg|bond|vlan|wl|ppp|dummy|team)[\w.-]*\d[\w.-]*)$/;

function device({ uplink, inside, links }: Host, word: string): readonly Topic[] {
  if (!deviceName.test(word)) return [];
  const known = [uplink.device, inside.device, ...inside.ports, ...links.map((one) => one.device)];
  const text =
    word === 'lo'
      ? 'The loopback device: the host speaks with itself by it. hostcore leaves it alone.'
      : `host.toml does not describe ${word}, so hostcore leaves it alone; it has ${known.join(', ')}. \`ip -d link show ${word}\` tells what it is, \`networkctl status ${word}\` who made it.`;
  return [{ title: `${word}: not of hostcore`, words: [word], text: [text] }];
}

function file(word: string): readonly Topic[] {
  if (!/^\/(etc|lib|usr|var|run)\/./.test(word)) return [];
  const text = `hostcore makes no file ${word}, and leaves it alone, unless it is one of another network manager for the same devices. \`hostcore render\` shows all that it makes.`;
  return [{ title: `${word}: not of hostcore`, words: [word], text: [text] }];
}
