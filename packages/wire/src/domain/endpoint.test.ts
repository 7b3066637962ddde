import { describe, expect, it } from 'vitest';
import { formatEndpoint, parseEndpoint } from './endpoint.js';

describe('an endpoint', () => {
  it.each(['[::1]:443', '192.0.2.1:8443', 'localhost:443', '[fe80::1%eth0]:443'])(
    '%s is read and written alike',
    (text) => {
      const endpoint = parseEndpoint(text);
      expect(endpoint === undefined ? undefined : formatEndpoint(endpoint)).toBe(text);
    },
  );
  it.each(['::1:443', '[::1]', '443', 'a b:443', '[192.0.2.1]:443', 'host:0', 'host:65536', ''])(
    '%s is none',
    (text) => expect(parseEndpoint(text)).toBeUndefined(),
  );
});
