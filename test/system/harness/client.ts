/** One MQTT client for a test that looks at single messages; see publisher.ts for load. */
import { connectAsync, type MqttClient } from 'mqtt';
import { after } from '../../../src/lib/clock.ts';

const ANSWER_MS = 10_000;
let clients = 0;

export type Version = 4 | 5;

/** Connects and does not reconnect by itself. Throws when refused. */
export function connectClient(host: string, port: number, version: Version): Promise<MqttClient> {
  clients += 1;
  return connectAsync({
    host,
    port,
    protocol: 'mqtt',
    protocolVersion: version,
    clientId: `test-${process.pid}-single-${clients}`,
    reconnectPeriod: 0,
    connectTimeout: 5_000,
  });
}

/** `acknowledged`, or `closed` when the server ended the connection instead. */
export function publish(
  client: MqttClient,
  topic: string,
  payload: string | Buffer,
  dup = false,
): Promise<'acknowledged' | 'closed'> {
  return new Promise((resolve, reject) => {
    const cancel = after(ANSWER_MS, () => finish(() => reject(new Error(`no answer in ${ANSWER_MS} ms`))));
    const onClose = (): void => finish(() => resolve('closed'));
    const finish = (settle: () => void): void => {
      cancel();
      client.off('close', onClose);
      settle();
    };
    client.once('close', onClose);
    client.publish(topic, payload, { qos: 1, dup }, (error) => {
      if (!error) finish(() => resolve('acknowledged'));
    });
  });
}
