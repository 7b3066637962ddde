import { doubtful, ok, wrong, type Finding } from '@sixhub/base/finding';

/** `systemctl show` of a unit, the properties that are asked for by name. */
export type AskSystemd = (
  unit: string,
  properties: readonly string[],
) => Promise<ReadonlyMap<string, string>>;

const timer = 'sixhub-agent.timer';
const watch = 'sixhub-agent-watch.service';
const service = 'sixhub-agent.service';

/** Without the timer nothing is pulled and nothing is proven, however well all else stands. */
export async function examineUnits(ask: AskSystemd | undefined): Promise<readonly Finding[]> {
  if (ask === undefined) {
    return [
      doubtful(
        'systemd does not run here: nothing is seen that runs the agent regularly',
        'Let cron or what you have run `hub-agent run` every quarter of an hour.',
      ),
    ];
  }
  const states = ['ActiveState', 'UnitFileState', 'Result', 'LoadState'];
  const [ofTimer, ofWatch, ofService] = await Promise.all(
    [timer, watch, service].map((unit) => ask(unit, states)),
  );
  const findings: Finding[] = [];
  if (ofTimer?.get('ActiveState') === 'active') {
    findings.push(
      ofTimer.get('UnitFileState') === 'enabled'
        ? ok(`${timer} runs it`)
        : doubtful(`${timer} runs, but will not after a reboot`, `systemctl enable ${timer}`),
    );
  } else {
    findings.push(
      wrong(
        `${timer} does not run: nothing is pulled or proven by itself`,
        `systemctl enable --now ${timer}`,
      ),
    );
  }
  if (ofService?.get('Result') !== 'success' && ofService?.get('LoadState') === 'loaded') {
    findings.push(
      doubtful(
        `the last run of ${service} failed (${ofService.get('Result') ?? ''})`,
        `What it said: journalctl -u ${service} -n 50`,
      ),
    );
  }
  findings.push(
    ofWatch?.get('ActiveState') === 'active'
      ? ok(`${watch} hears at once of what is new`)
      : doubtful(
          `${watch} does not run: what is new is here with the timer, within a quarter of an hour`,
          `systemctl enable --now ${watch}`,
        ),
  );
  return findings;
}
