import { join } from 'node:path';
import { makeHubAlone, openLab, runTool, type HubHouse, type Lab } from '../../lab/index.js';

/** A hub whose authority nobody reaches: for what needs no issuance. */
export interface House extends AsyncDisposable {
  readonly lab: Lab;
  readonly hub: HubHouse;
  /** Changes its database with the sqlite3 program, as somebody with access to the disk would. */
  sql(statements: string): Promise<string>;
}

export async function openHouse(more?: string): Promise<House> {
  const lab = await openLab();
  try {
    const hub = await makeHubAlone(lab, more);
    return {
      lab,
      hub,
      sql: (statements) =>
        runTool('sqlite3', ['-cmd', '.timeout 5000', join(hub.state, 'hub.db'), statements]),
      [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}
