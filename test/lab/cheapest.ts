/** Processor time of the cheapest of five turns, in ms: what else the machine does meanwhile is not in it. */
export async function cheapest(turn: () => Promise<unknown>): Promise<number> {
  const costs: number[] = [];
  for (let count = 0; count < 5; count++) {
    const before = process.cpuUsage();
    await turn();
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / 1_000);
  }
  return Math.min(...costs);
}
