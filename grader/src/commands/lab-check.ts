import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { TOOL_VERSION } from '../explore/fingerprint.js';
import { CERTIFICATE, type Certificate, hashLab, KILL_MATRIX } from '../lab/certificate.js';
import { checkLab } from '../lab-check/check-lab.js';
import { createKillMatrix } from '../lab-check/kill-matrix.js';
import { isSound, type LabCheck } from '../lab-check/lab-check.js';
import { type Lab, loadLab } from '../lab/load-lab.js';
import { renderLabCheck } from '../report/index.js';
import { RULES } from '../rules/index.js';
import { getInterrupt } from './interrupt.js';
import { hasColor } from './style.js';

export interface LabCheckFlags {
  seeds: number;
  runs: number;
  load?: boolean;
}

/** Certifies a lab before its release; answers the exit code: 1 if it is not certified, 2 if that could not be told. */
export async function labCheck(folder: string, { seeds, runs, load = false }: LabCheckFlags): Promise<number> {
  const interrupt = getInterrupt();
  const lab = loadLab(folder, RULES);
  // Before anything is run: what is changed meanwhile is not what was checked.
  const labHash = hashLab(lab.folder);
  const show = process.stderr.isTTY;
  const check = await checkLab(lab, {
    seeds,
    runs,
    load,
    abort: interrupt.signal,
    ...(show ? { onDone: (name, done, total) => process.stderr.write(`\r\u001b[K${done} of ${total}: ${name}`) } : {}),
  });
  if (show) process.stderr.write('\r\u001b[K');
  process.stdout.write(renderLabCheck(check, { color: hasColor(process.stdout) }));
  const interrupted = interrupt.getExitCode();
  if (interrupted !== undefined) return interrupted;
  // A machine that broke says nothing about the lab: what was known before stays.
  if (check.problems.length === 0 && check.faults.length > 0) return 2;
  const staff = path.join(lab.folder, '.staff');
  mkdirSync(staff, { recursive: true });
  const write = (name: string, value: object): void =>
    writeFileSync(path.join(staff, name), `${JSON.stringify(value, null, 2)}\n`);
  write(CERTIFICATE, createCertificate(lab, labHash, check));
  write(KILL_MATRIX, createKillMatrix(check));
  return isSound(check) ? 0 : 1;
}

function createCertificate(lab: Lab, labHash: string, check: LabCheck): Certificate {
  const { seeds, runs, load, correct, mutants, alarms, detection } = check;
  return {
    version: 1,
    lab: lab.id,
    labHash,
    fileHash: lab.hash,
    tool: TOOL_VERSION,
    outcome: isSound(check) ? 'certified' : 'failed',
    points: check.lab.points,
    seeds,
    runs,
    load,
    correct: {
      programs: correct.length,
      runs: alarms.runs,
      falseAlarms: alarms.alarms,
      upperBound: Number(alarms.upperBound.toPrecision(3)),
    },
    mutants: {
      programs: mutants.length,
      caught: mutants.filter((each) => each.caught === seeds).length,
      medianRuns: detection.median ?? null,
      maxRuns: detection.max ?? null,
    },
  };
}
