import { notTested, ok, wrong, type Finding } from '@sixhub/base/finding';
import type { WantedCertificate } from '@sixhub/protocol';
import { allServe, describeLook, describeMisses } from '@sixhub/wire';
import type { Service } from '../domain/service.js';
import type { RunParts } from '../run/parts.js';
import { readEach, type Readings } from '../run/readings.js';
import { placesOf } from '../run/watching.js';

type ServiceParts = Pick<RunParts, 'control' | 'read' | 'tree' | 'see'>;

/** By its own check, and as a client sees it: each listener and name at which it should show a certificate of ours. */
export async function examineService(
  parts: ServiceParts,
  service: Service,
  wanted: readonly WantedCertificate[],
): Promise<readonly Finding[]> {
  const words = await parts.control.check(service);
  const findings: Finding[] = [
    words === undefined
      ? ok('its own check of its configuration passes')
      : wrong(
          `its own check of its configuration fails: ${words}`,
          'It is never reloaded while that stands; mend the configuration, then hub-agent run --now.',
        ),
  ];
  const readings = await readEach(parts, [service]);
  const namesOf = new Map(wanted.map(({ name, names }) => [name, names]));
  for (const name of service.certificates) {
    const goal = wanted.find((each) => each.name === name);
    findings.push(
      goal === undefined
        ? notTested(`${name}: the hub does not give it to this machine`)
        : await examineOnWire(parts, { service, goal, namesOf, readings }),
    );
  }
  return findings;
}

interface Shown {
  readonly service: Service;
  readonly goal: WantedCertificate;
  readonly namesOf: ReadonlyMap<string, readonly string[]>;
  readonly readings: Readings;
}

async function examineOnWire(
  { see }: ServiceParts,
  { service, goal, namesOf, readings }: Shown,
): Promise<Finding> {
  const { looks, whyNone } = placesOf(service, { wanted: goal }, namesOf, readings);
  const sights = await Promise.all(looks.map(async (look) => ({ look, seen: await see(look) })));
  if (allServe(sights, goal.fingerprint)) {
    return ok(`${goal.name}: served at ${looks.map(describeLook).join(', ')}`);
  }
  return wrong(
    `${goal.name}: ${describeMisses(sights, goal.fingerprint, whyNone)}`,
    'hub-agent run --now installs, reloads and looks again; hub-agent detect shows what the configuration has.',
  );
}
