import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { type TestServer, testServer } from './server.fixture.ts';

let server: TestServer;

before(async () => {
  server = await testServer({ maxStreams: 2 });
});

after(async () => {
  server.streams.close();
  await server.app.close();
});

describe('event streams', () => {
  it('begin at once, are bounded, and end when the server closes them', async () => {
    const address = await server.app.listen({ host: '127.0.0.1', port: 0 });
    const open = (path: string): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => get(`${address}${path}`, resolve).on('error', reject));
    const first = await open('/api/stream');
    const second = await open('/api/stream/devices?limit=1&offset=1');
    assert.equal(first.headers['x-accel-buffering'], 'no');
    assert.match(String(first.headers['content-type']), /^text\/event-stream/);
    const third = await open('/api/stream/devices/TURB-00001');
    assert.equal(third.statusCode, 503);
    third.resume();
    const textOf = async (response: IncomingMessage): Promise<string> => {
      response.setEncoding('utf8');
      let text = '';
      for await (const chunk of response) {
        text += chunk;
        if (/^event: (overview|page)\ndata: .*\n\n/m.test(text)) server.streams.close();
      }
      return text;
    };
    const [overviewText, pageText] = await Promise.all([textOf(first), textOf(second)]);
    assert.match(overviewText, /^event: overview\ndata: \{"timestamp":"2026-11-16/m);
    assert.match(pageText, /^event: page\ndata: .*"device_id":"TURB-00001"/m);
    assert.equal(server.streams.count, 0);
  });
});
