/** The engines' configuration files as text. Pure; the group supervisor writes them. */
import { REDIS_MASTER } from '../lib/redis.ts';
import type { DataRegion, Member, Topology } from '../lib/topology.ts';

export function redisConf(topology: Topology, region: DataRegion, dir: string, password: string): string {
  const lines = [
    `bind ${topology.host}`,
    `port ${topology[region].redis}`,
    `dir ${dir}`,
    'daemonize no',
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    `requirepass ${password}`,
    `masterauth ${password}`,
    // The cache is bounded: 100,000 devices take about 30 MB; at the bound writes fail loudly.
    'maxmemory 512mb',
    'maxmemory-policy noeviction',
    'repl-diskless-sync yes',
    'repl-diskless-sync-delay 0',
    'repl-timeout 10',
    'client-output-buffer-limit pubsub 64mb 32mb 10',
  ];
  if (region === 'region2') lines.push(`replicaof ${topology.host} ${topology.region1.redis}`);
  return `${lines.join('\n')}\n`;
}

export function sentinelConf(topology: Topology, member: Member, dir: string, password: string): string {
  return `${[
    `bind ${topology.host}`,
    `port ${topology[member].sentinel}`,
    `dir ${dir}`,
    'daemonize no',
    `requirepass ${password}`,
    `sentinel sentinel-pass ${password}`,
    `sentinel monitor ${REDIS_MASTER} ${topology.host} ${topology.region1.redis} 2`,
    `sentinel auth-pass ${REDIS_MASTER} ${password}`,
    `sentinel down-after-milliseconds ${REDIS_MASTER} 500`,
    // Sentinel waits twice this before it tries a failover again (hazard H15).
    `sentinel failover-timeout ${REDIS_MASTER} 2000`,
    `sentinel parallel-syncs ${REDIS_MASTER} 1`,
  ].join('\n')}\n`;
}

/** Up to this many messages wait at the site while no ingest answers: 16 minutes at 1,000 readings a second. */
const EDGE_QUEUE_MESSAGES = 1_000_000;

/** Below what an ingest accepts in one packet: a larger message is refused at the site, not for ever on the bridge. */
const EDGE_MESSAGE_BYTES = 1_000_000;

export function mosquittoConf(topology: Topology, dir: string): string {
  const address = (region: DataRegion): string => `${topology.host}:${topology[region].ingestMqtt}`;
  return `${[
    `listener ${topology.edge.mqtt} ${topology.host}`,
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${dir}/`,
    'autosave_interval 30',
    'max_inflight_messages 4000',
    `max_queued_messages ${EDGE_QUEUE_MESSAGES}`,
    `message_size_limit ${EDGE_MESSAGE_BYTES}`,
    'log_dest stderr',
    'log_type error',
    'log_type warning',
    'log_type notice',
    'connection tier0',
    `addresses ${address('region1')} ${address('region2')}`,
    'topic og/field/# out 1',
    'remote_clientid site-edge',
    'local_clientid site-edge-bridge',
    'cleansession false',
    'notifications false',
    'try_private false',
    'bridge_attempt_unsubscribe false',
    'keepalive_interval 10',
    'restart_timeout 1 2',
  ].join('\n')}\n`;
}

export type NginxOptions = {
  readonly topology: Topology;
  readonly dir: string;
  readonly webRoot: string;
  readonly accessLog: string;
  readonly mimeTypes: string;
  /** While this file exists, region2 is asked first; see src/control/routes.ts. */
  readonly region2Leads: string;
  /** Addresses or networks whose X-Forwarded-For names the client. */
  readonly trustedProxies: readonly string[];
  /** nginx tells its own figures on a port that is not public. */
  readonly status: boolean;
  /** Connections to a region that is taken over are cut. */
  readonly cutsConnections: boolean;
};

/**
 * An upstream per region that is asked first; the others stand by for when it refuses, hangs or answers 503.
 * None is ever marked as down (max_fails=0): a region that holds requests during a takeover would be, and all
 * would go to the lost one. nginx asks an entry once a request, so a region that holds requests for longer than the read timeout while
 * it takes over is entered twice.
 */
function upstreams(topology: Topology): string {
  const { host, region1, region2, witness } = topology;
  // nginx asks each line once: the first again, because it may have been too busy to take the connection.
  const upstream = (name: string, first: number, rest: readonly number[], keepalive: number): string =>
    [
      `  upstream ${name} {`,
      `    server ${host}:${first} max_fails=0;`,
      ...rest.map((port) => `    server ${host}:${port} max_fails=0 backup;`),
      `    keepalive ${keepalive};`,
      '  }',
    ].join('\n');
  return [
    upstream('api_region1', region1.api, [region2.api, region1.api, region2.api], 512),
    upstream('api_region2', region2.api, [region1.api, region2.api, region1.api], 512),
    upstream('rag_region1', region1.rag, [region2.rag, region1.rag], 16),
    upstream('rag_region2', region2.rag, [region1.rag, region2.rag], 16),
    upstream('vision_region1', region1.vision, [region2.vision, region1.vision], 16),
    upstream('vision_region2', region2.vision, [region1.vision, region2.vision], 16),
    upstream('agents_region1', region1.agent, [region2.agent, witness.agent], 4),
    upstream('agents_region2', region2.agent, [region1.agent, witness.agent], 4),
  ].join('\n');
}

/** Longer than a router holds a request: sooner, a slow moment would be answered with twice the work. */
const ANSWER_WAIT = { cut: '12s', notCut: '5500ms' };

/** What is said when no region has a service: it is the service that is not there, not the system. */
const away = (name: string, service: string): string => `location @${name} {
      default_type application/json;
      add_header Retry-After 2;
      return 503 '{"error":"unavailable","message":"${service} is not there: it starts, or it was left out.","retry_after_s":2}';
    }`;

const statusServer = ({ host, edge }: Topology): string => `  server {
    listen ${host}:${edge.nginxStatus};
    access_log off;
    location = / { stub_status; }
  }
`;

/**
 * The public ports. A request goes to the region that leads; when that one refuses, breaks off, answers 503 or
 * cannot be reached, the same request goes to the other. From a region that was silent and is taken over, the
 * control role cuts nginx' connections (src/control/routes.ts); where it may not, a timeout has to do. Writes may be
 * sent again because each carries an idempotency key: the client's, or one that is made here.
 */
export function nginxConf(options: NginxOptions): string {
  const { topology, dir, webRoot, accessLog, mimeTypes, region2Leads, trustedProxies } = options;
  const { host, edge } = topology;
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `  ${kind}_temp_path ${dir}/${kind};`)
    .join('\n');
  const choose = `set $leads region1;
    if (-f ${region2Leads}) { set $leads region2; }`;
  const api = 'proxy_pass http://api_$leads;';
  const stream = `${api} proxy_buffering off; gzip off; proxy_read_timeout 20s;`;
  // A model elsewhere may take ten seconds, and tells its answer word by word.
  const rag =
    'proxy_pass http://rag_$leads; proxy_buffering off; proxy_read_timeout 20s; error_page 502 504 = @rag_away;';
  const vision =
    'proxy_pass http://vision_$leads; client_max_body_size 64m; error_page 502 504 = @vision_away;';
  const questionsAway = away('rag_away', 'The service that answers questions');
  const imagesAway = away('vision_away', 'The service that looks at photos');
  const documents = `${rag} client_max_body_size 64m;`;
  const services = `
    location /api/query { ${rag} }
    location /api/documents { ${documents} }
    location /api/images { ${vision} }
    ${questionsAway}
    ${imagesAway}`;
  // Operations take seconds and may be asked for twice: their idempotency key is the operation's id.
  const agents = (prefix: string): string => `
    location ~ ^${prefix}/failover/ {
      rewrite ^${prefix}(/.*)$ $1 break; proxy_pass http://agents_$leads;
      proxy_read_timeout 25s; proxy_next_upstream_timeout 30s;
    }`;
  const drills = `location /drills { proxy_pass http://${host}:${edge.controlRole}; proxy_next_upstream off; }`;
  return `daemon off;
pid ${dir}/nginx.pid;
error_log stderr warn;
worker_processes 1;
events { worker_connections 8192; }
http {
  include ${mimeTypes};
${temp}
  server_tokens off;
  tcp_nodelay on;
${trustedProxies.map((proxy) => `  set_real_ip_from ${proxy};`).join('\n')}
  real_ip_header X-Forwarded-For;
  real_ip_recursive on;
  log_format json escape=json '{"time":"$time_iso8601","level":"info","role":"nginx","region":"edge",'
    '"msg":"request","id":"$request_id","at":$msec,"remote":"$remote_addr","user":"$remote_user",'
    '"method":"$request_method","uri":"$request_uri","protocol":"$server_protocol","status":$status,'
    '"bytes":$bytes_sent,"seconds":$request_time,"upstream":"$upstream_addr","referer":"$http_referer",'
    '"agent":"$http_user_agent"}';
  access_log ${accessLog} json;
  gzip on;
  gzip_types application/json application/javascript text/css image/svg+xml;
  map $http_idempotency_key $idempotency_key { "" $request_id; default $http_idempotency_key; }
${upstreams(topology)}
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Host $http_host;
  proxy_set_header Idempotency-Key $idempotency_key;
  proxy_set_header X-Request-Id $request_id;
  add_header X-Request-Id $request_id always;
  proxy_connect_timeout 500ms;
  proxy_read_timeout ${options.cutsConnections ? ANSWER_WAIT.cut : ANSWER_WAIT.notCut};
  proxy_next_upstream error timeout http_502 http_503 non_idempotent;
  proxy_next_upstream_timeout 12s;
  proxy_next_upstream_tries 4;
  server {
    listen ${host}:${edge.dashboard};
    root ${webRoot};
    ${choose}
    location /assets/ { add_header Cache-Control "public, max-age=31536000, immutable"; }
    location /api/ { ${api} }
    location /api/stream { ${stream} }${services}${agents('/cluster')}
    location /cluster/ { rewrite ^/cluster(/.*)$ $1 break; proxy_pass http://agents_$leads; }
    ${drills}
    location /runbooks/ { default_type text/plain; types { } charset utf-8; add_header Cache-Control "no-cache"; }
    location / { add_header Cache-Control "no-cache"; try_files $uri /index.html; }
  }
${options.status ? statusServer(topology) : ''}  server {
    listen ${host}:${edge.api};
    ${choose}
    location / { ${api} }
    location /api/stream { ${stream} }${services}
  }
  server {
    listen ${host}:${edge.rag};
    ${choose}
    ${questionsAway}
    location / { ${documents} }
  }
  server {
    listen ${host}:${edge.vision};
    ${choose}
    ${imagesAway}
    location / { ${vision} }
  }
  server {
    listen ${host}:${edge.control};
    ${choose}${agents('')}
    location / { proxy_pass http://agents_$leads; }
    ${drills}
  }
}
`;
}
