/** The default networks on UTKFace's held-out split, whole: what the README says of them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { pulledModels } from '../support/face-networks.js';
import { sharedPath } from '../support/shared.js';
import { accuracy, ageError, readGender, readPeople, readRace, utkPeople, utkReport } from '../support/utkface.js';

describe('attributes of UTKFace', () => {
  it('are right as often as promised; DEEPCODE_REPORT names a file for the tables', async function () {
    this.timeout(3_600_000);
    const [folder, models] = [sharedPath('data/utkface'), pulledModels()];
    if (folder === undefined || models === undefined) return this.skip();
    const readings = await readPeople(utkPeople(folder, 'valid'), models);
    const report = process.env.DEEPCODE_REPORT;
    if (report !== undefined) writeFileSync(report, `${utkReport(readings)}\n`);
    assert.ok(accuracy(readings, (person) => person.gender, readGender) >= 0.85);
    assert.ok(ageError(readings) <= 10);
    assert.ok(accuracy(readings, (person) => person.race, readRace) >= 0.6);
  });
});
