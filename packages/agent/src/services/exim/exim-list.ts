/**
 * Exim's lists ("Format of lists" in its specification, chapter 6): items between colons, or what `<` names at the
 * beginning; a doubled separator stands for itself, which IPv6 addresses between colons need.
 */
export function splitEximList(text: string): readonly string[] {
  const [whole, own] = /^\s*<([^\sA-Za-z0-9])/.exec(text) ?? [];
  const separator = own ?? ':';
  const rest = whole === undefined ? text : text.slice(whole.length);
  const items: string[] = [];
  let item = '';
  for (let at = 0; at < rest.length; at++) {
    const character = rest[at] ?? '';
    if (character !== separator) item += character;
    else if (rest[at + 1] === separator) {
      item += separator;
      at++;
    } else {
      items.push(item.trim());
      item = '';
    }
  }
  items.push(item.trim());
  return items.filter((one) => one !== '');
}

/** An item of local_interfaces, with its own port where it has one: `192.0.2.1.1025`, `[::1]:1025`, `::0`. */
export interface Interface {
  readonly address: string;
  readonly port: number | undefined;
}

export function parseInterface(item: string): Interface | undefined {
  const [, address, port] =
    /^\[([0-9A-Fa-f:.%\w]+)\](?::(\d+))?$/.exec(item) ??
    /^(\d+\.\d+\.\d+\.\d+)(?:\.(\d+))?$/.exec(item) ??
    /^([0-9A-Fa-f:]*:[0-9A-Fa-f:]*(?:%\w+)?)(?:\.(\d+))?$/.exec(item) ??
    [];
  if (address === undefined) return undefined;
  return { address, port: port === undefined ? undefined : Number(port) };
}
