/** `tier0 dlq …`: looks at dead letters, sends them again, or drops them. */
import { pino } from 'pino';
import type { Channel, Connection, SyncMessage } from 'rabbitmq-client';
import { describeError, UsageError } from '../lib/errors.ts';
import { EventPublisher } from '../lib/event-publisher.ts';
import { connectRabbitmq, DEAD_LETTERS, messageIdOf, textOf, USER_EVENTS } from '../lib/rabbitmq.ts';
import { isAlive, readRunState } from '../lib/run-state.ts';
import { readSecrets } from '../lib/secrets.ts';
import { topology } from '../lib/topology.ts';

const CONNECT_MS = 10_000;
const CONFIRM_MS = 10_000;
/** Letters that are looked at; they are held back from the queue meanwhile. */
const MAX_LETTERS = 10_000;
const EXCERPT_CHARS = 160;

export type DlqOptions = {
  readonly dataDir: string;
  readonly portOffset: number;
  /** What stands behind `dlq`. */
  readonly words: readonly string[];
  readonly json: boolean;
  readonly all: boolean;
};

type Print = (line: string) => void;
type Letter = {
  readonly id: string;
  readonly reason: string;
  readonly body: string;
  readonly message: SyncMessage;
};

/** Exit code 0, or 1 when a letter that was named is not there. */
export async function dlq(options: DlqOptions, print: Print): Promise<number> {
  const [what = 'list', ...ids] = options.words;
  if (!['list', 'replay', 'drop'].includes(what))
    throw new UsageError(`dlq takes one of: list, replay, drop; not "${what}"`);
  if (what !== 'list' && ids.length === 0 && !options.all)
    throw new UsageError(`dlq ${what} takes the ids of dead letters, or --all`);
  const { dataDir, portOffset } = options;
  if (!isAlive(readRunState(dataDir, 'up'))) throw new UsageError(`no instance runs in ${dataDir}`);
  const connection = connectRabbitmq({
    topology: topology(portOffset),
    nearest: 'region1',
    password: readSecrets(dataDir).rabbitmq.password,
    name: 'dlq',
    log: pino({ level: 'silent' }),
  });
  try {
    await connection.onConnect(CONNECT_MS, true);
    return await handle(connection, what, ids, options, print);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`the queue does not answer: ${describeError(error)}`);
  } finally {
    connection.unsafeDestroy();
  }
}

async function handle(
  connection: Connection,
  what: string,
  ids: readonly string[],
  { json, all }: DlqOptions,
  print: Print,
): Promise<number> {
  const channel = await connection.acquire();
  const letters = await readLetters(channel);
  if (what === 'list') return list(letters, json, print);
  const named = letters.filter(({ id }) => all || ids.includes(id));
  if (what === 'replay') await replay(connection, channel, named);
  else for (const { message } of named) channel.basicAck({ deliveryTag: message.deliveryTag });
  // What was not named goes back to the queue with the channel.
  await channel.close();
  print(
    `${named.length} ${what === 'replay' ? 'sent again' : 'dropped'}, ${letters.length - named.length} left`,
  );
  const missing = ids.filter((id) => !letters.some((letter) => letter.id === id));
  for (const id of missing) print(`there is no dead letter ${id}`);
  return missing.length === 0 ? 0 : 1;
}

/** Takes every letter without acknowledging it. */
async function readLetters(channel: Channel): Promise<Letter[]> {
  const letters: Letter[] = [];
  while (letters.length < MAX_LETTERS) {
    const message = await channel.basicGet({ queue: DEAD_LETTERS });
    if (message === undefined) break;
    letters.push(letterOf(message));
  }
  return letters;
}

function letterOf(message: SyncMessage): Letter {
  const { headers } = message;
  const reason = headers?.['x-tier0-reason'] ?? headers?.['x-first-death-reason'] ?? 'unknown';
  return { id: messageIdOf(message), reason: String(reason), body: textOf(message.body), message };
}

function list(letters: readonly Letter[], json: boolean, print: Print): number {
  if (json) {
    print(JSON.stringify(letters.map(({ id, reason, body }) => ({ id, reason, body }))));
    return 0;
  }
  print(letters.length === 0 ? 'no dead letters' : `${letters.length} dead letters, the oldest first`);
  for (const { id, reason, body } of letters) {
    print(`${printable(id)}  ${printable(reason)}`);
    print(`    ${printable(body.length > EXCERPT_CHARS ? `${body.slice(0, EXCERPT_CHARS)}…` : body)}`);
  }
  return 0;
}

/** A letter may hold anything, also what a terminal would obey. */
const printable = (text: string): string => text.replace(/\p{Control}/gu, '·');

/** Each is confirmed by the queue before it stops to be a dead letter. */
async function replay(connection: Connection, channel: Channel, letters: readonly Letter[]): Promise<void> {
  const publisher = new EventPublisher(connection);
  for (const { id, message } of letters) {
    const { body, contentType, deliveryTag } = message;
    const typed = contentType === undefined ? {} : { contentType };
    await publisher.send(USER_EVENTS, body, { ...typed, messageId: id, limitMs: CONFIRM_MS });
    channel.basicAck({ deliveryTag });
  }
}
