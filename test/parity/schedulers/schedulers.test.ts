import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCHEDULER_CLASSES, type SchedulerClass } from '../../../ts/generate/scheduler-classes.js';
import { SCHEDULER_NAMES } from '../../../ts/generate/schedulers.js';
import { assertClose } from '../../support/closeness.js';
import { describeCase, trajectoryOf, type SchedulerCase, type Trajectory } from '../../support/scheduler-case.js';

/** Of the largest magnitude. 1.5e-6 at most was measured: LMS and UniPC, whose weights differ by fp32 roundings. */
const TOLERANCE = 5e-6;

/** Between whole timesteps the logarithm's last bit shows. */
const TIMESTEP_TOLERANCE = 1e-3;

function casesOf<T extends SchedulerCase>(name: string): T[] {
  return JSON.parse(readFileSync(join(__dirname, `${name}.json`), 'utf8')) as T[];
}

function assertTimesteps(actual: readonly number[], expected: number[]): void {
  assert.equal(actual.length, expected.length);
  for (const [i, timestep] of expected.entries()) {
    const allowed = Number.isInteger(timestep) && Number.isInteger(actual[i]) ? 0 : TIMESTEP_TOLERANCE;
    assert.ok(Math.abs(actual[i]! - timestep) <= allowed, `timestep ${i} is ${actual[i]}, not ${timestep}`);
  }
}

function assertSame(actual: Trajectory, expected: SchedulerCase): void {
  assertTimesteps(actual.timesteps, expected.timesteps);
  assertClose([actual.initNoiseSigma], [expected.initNoiseSigma], 1e-6);
  assertClose(actual.path, expected.path, TOLERANCE);
  assertClose(actual.final, expected.final, TOLERANCE);
}

describe('samplers against diffusers', () => {
  for (const name of SCHEDULER_NAMES) {
    describe(name, () => {
      for (const item of casesOf(name)) {
        it(describeCase(item), async () => assertSame(await trajectoryOf(item), item));
      }
    });
  }
});

describe("published models' schedulers, for every class", () => {
  for (const item of casesOf<SchedulerCase & { className: SchedulerClass }>('switched')) {
    const { name } = SCHEDULER_CLASSES[item.className];
    it(`${item.config._class_name} read as ${name}: ${describeCase(item)}`, async () => {
      assertSame(await trajectoryOf(item, { name }), item);
    });
  }
});
