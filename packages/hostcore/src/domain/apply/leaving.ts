/**
 * Of the commands that change the kernel, those that a card which is to leave its bridge needs before it does: IPv6, and its IPv6
 * addresses without duplicate address detection. A network manager that gave them would have it wait for that, seconds in which
 * the host answers nobody.
 */
export function aheadOfLeaving(commands: readonly string[]): readonly string[] {
  const cards = commands.flatMap((command) => leavingCard(command) ?? []);
  return commands.filter((command) =>
    cards.some(
      (card) =>
        command.endsWith(`/conf/${card}/disable_ipv6=0`) ||
        (/^ip address (add|replace) \S*:/.test(command) &&
          command.includes(` dev ${card} `) &&
          command.endsWith(' nodad')),
    ),
  );
}

export function leavingCard(command: string): string | undefined {
  return /^ip link set dev (\S+) nomaster$/.exec(command)?.[1];
}
