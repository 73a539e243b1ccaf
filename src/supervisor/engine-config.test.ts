import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { topology } from '../lib/topology.ts';
import { mosquittoConf, nginxConf, redisConf, sentinelConf } from './engine-config.ts';

const at = topology(100);
const linesOf = (text: string): string[] => text.trimEnd().split('\n');
const has = (text: string, ...lines: string[]): void => {
  for (const line of lines) assert.ok(linesOf(text).includes(line), `${line}\nis not in\n${text}`);
};

describe('engine configuration', () => {
  it('of Redis listens locally, wants the password, and the second region follows the first', () => {
    const first = redisConf(at, 'region1', '/d', 'pw');
    has(first, 'bind 127.0.0.1', 'port 6479', 'requirepass pw', 'masterauth pw', 'appendonly yes', 'dir /d');
    assert.doesNotMatch(first, /replicaof/);
    has(redisConf(at, 'region2', '/d', 'pw'), 'port 6480', 'replicaof 127.0.0.1 6479');
  });

  it('of Sentinel watches the master with a quorum of two', () => {
    const text = sentinelConf(at, 'witness', '/d', 'pw');
    has(
      text,
      'port 26481',
      'requirepass pw',
      'sentinel monitor tier0 127.0.0.1 6479 2',
      'sentinel auth-pass tier0 pw',
    );
  });

  it('of Mosquitto bridges to both ingests with QoS 1 and keeps what they have not taken', () => {
    const text = mosquittoConf(at, '/d');
    has(text, 'listener 1983 127.0.0.1', 'addresses 127.0.0.1:1984 127.0.0.1:1985', 'topic og/field/# out 1');
    has(text, 'persistence true', 'persistence_location /d/', 'cleansession false');
  });

  it('of nginx has both regions behind every public port, and its braces close', () => {
    const options = {
      topology: at,
      dir: '/d',
      webRoot: '/w',
      accessLog: '/l',
      mimeTypes: '/mime',
      region2Leads: '/d/region2-leads',
      status: true,
      trustedProxies: ['10.0.0.0/8'],
      cutsConnections: true,
    };
    const text = nginxConf(options);
    for (const port of [3_100, 8_100, 8_103])
      assert.match(text, new RegExp(`listen 127\\.0\\.0\\.1:${port};`));
    for (const port of [8_110, 8_120, 8_113, 8_123])
      assert.match(text, new RegExp(`server 127\\.0\\.0\\.1:${port} `));
    assert.equal(text.split('{').length, text.split('}').length);
    assert.doesNotMatch(text, /undefined|NaN/);
  });
});
