/** PostgreSQL's log sequence numbers, "16/B374D848": two 32-bit halves in hexadecimal. */

/** Throws on a text that is not an LSN. */
export function parseLsn(text: string): bigint {
  const match = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text);
  if (match === null) throw new Error(`not an LSN: "${text}"`);
  return (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`);
}

/** The reverse of parseLsn. */
export function formatLsn(lsn: bigint): string {
  return [lsn >> 32n, lsn & 0xffff_ffffn].map((half) => half.toString(16).toUpperCase()).join('/');
}
