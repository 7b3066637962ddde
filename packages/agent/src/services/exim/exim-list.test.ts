import { describe, expect, it } from 'vitest';
import { parseInterface, splitEximList } from './exim-list.js';

describe("Exim's lists", () => {
  it.each([
    ['smtp', ['smtp']],
    ['25 : 465:587', ['25', '465', '587']],
    ['127.0.0.1 : ::::1', ['127.0.0.1', '::1']],
    ['<; ::0 ; 0.0.0.0', ['::0', '0.0.0.0']],
    ['<, a, b,,c', ['a', 'b,c']],
    ['', []],
  ])('%s', (text, items) => expect(splitEximList(text)).toEqual(items));
});

describe('an item of local_interfaces', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', undefined],
    ['192.0.2.1.1025', '192.0.2.1', 1025],
    ['[192.0.2.1]:1025', '192.0.2.1', 1025],
    ['::0', '::0', undefined],
    ['2001:db8::1.1025', '2001:db8::1', 1025],
    ['[2001:db8::1]', '2001:db8::1', undefined],
  ])('%s', (item, address, port) => expect(parseInterface(item)).toEqual({ address, port }));
  it('is no name', () => expect(parseInterface('mail.example.org')).toBeUndefined());
});
