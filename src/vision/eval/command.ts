/** `tier0 eval vision FILE`: how right and how fast the detector is on photos whose heads are marked. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { pino } from 'pino';
import { Value } from 'typebox/value';
import { monotonicMs } from '../../lib/clock.ts';
import { describeError, UsageError } from '../../lib/errors.ts';
import type { Person } from '../../lib/image-record.ts';
import { Detector } from '../detect/detector.ts';
import { Labelled, type LabelledPhoto, type Measures, measure } from './measures.ts';

type Print = (line: string) => void;
type Looked = { readonly heads: LabelledPhoto['heads']; readonly people: readonly Person[] };

function readLabels(file: string): LabelledPhoto[] {
  try {
    const labels: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (Value.Check(Labelled, labels)) return labels.photos;
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${describeError(error)}`);
  }
  throw new UsageError(
    `${file} is not {"photos": [{"file", "heads": [{x, y, width, height, hard_hat?, vest?}]}]}`,
  );
}

function peakMemoryMb(): number {
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Math.round(Number(peak) / 1_024);
}

async function lookAll(
  photos: readonly LabelledPhoto[],
  dir: string,
  detectors: readonly Detector[],
): Promise<Looked[]> {
  const { signal } = new AbortController();
  const looked: Looked[] = [];
  let next = 0;
  const lane = async (detector: Detector): Promise<void> => {
    for (let index = next++; index < photos.length; index = next++) {
      const photo = photos[index];
      if (photo === undefined) return;
      const bytes = await readFile(resolve(dir, photo.file)).catch((error: unknown) => {
        throw new UsageError(`cannot read ${photo.file}: ${describeError(error)}`);
      });
      const { analysis, width } = await detector.look(bytes, signal);
      const scale = width / (photo.width ?? width);
      const heads = photo.heads.map((head) => ({
        ...head,
        x: head.x * scale,
        y: head.y * scale,
        width: head.width * scale,
        height: head.height * scale,
      }));
      looked.push({ heads, people: analysis.people });
    }
  };
  await Promise.all(detectors.map(lane));
  return looked;
}

const share = (part: number, whole: number): string =>
  `${whole === 0 ? '-' : (part / whole).toFixed(3)} (${part} of ${whole})`;

function linesOf({
  photos,
  heads,
  covered,
  made_up,
  matched,
  hard_hat,
  vest,
  no_hard_hat,
}: Measures): string[] {
  const known = ({ right, wrong }: Measures['vest']): number => right + wrong;
  return [
    `photos                       ${photos}`,
    `heads in a found person      ${share(covered, heads)}`,
    `people without a marked head ${made_up}`,
    `heads matched                ${share(matched, heads)}`,
    `hard hat right               ${share(hard_hat.right, known(hard_hat))}, ${hard_hat.unknown} unknown`,
    `"no hard hat" precision      ${share(no_hard_hat.true_raised, no_hard_hat.raised)}`,
    `"no hard hat" recall         ${share(no_hard_hat.true_raised, no_hard_hat.true_all)}`,
    `vest right                   ${share(vest.right, known(vest))}, ${vest.unknown} unknown`,
  ];
}

/** Needs no running instance. Throws UsageError that names the file that cannot be read. */
export async function evalVision(file: string, print: Print): Promise<number> {
  const photos = readLabels(file);
  const dir = dirname(file);
  const log = pino({ level: 'silent' });
  const detectors = Array.from({ length: availableParallelism() }, () => new Detector(log));
  try {
    // Loading the models is not part of a photo's time.
    await lookAll([...photos, ...photos].slice(0, detectors.length), dir, detectors);
    const startedMs = monotonicMs();
    const looked = await lookAll(photos, dir, detectors);
    const seconds = (monotonicMs() - startedMs) / 1_000;
    for (const line of linesOf(measure(looked))) print(line);
    print(
      `photos a second              ${(photos.length / seconds).toFixed(2)} with ${detectors.length} threads`,
    );
    print(`memory at most               ${peakMemoryMb()} MB`);
  } finally {
    await Promise.all(detectors.map((detector) => detector.close()));
  }
  return 0;
}
