import { Link } from 'wouter';
import type { UsersBody } from '../../../src/api/user-schemas.ts';
import { formatDateTime } from '../lib/format.ts';
import { address, withParams } from '../lib/search-params.ts';
import { Age } from '../shell/age.tsx';
import { SessionBadge } from './session-status.tsx';

/** Columns of the table of sessions. */
export const COLUMNS = 8;

type Session = UsersBody['sessions'][number];

function AddressLink({ ip_address }: { ip_address: string }) {
  return (
    <Link
      className="cell-link"
      href={address('/logs', withParams('', { ip_address }))}
      title={`Requests of ${ip_address}`}
    >
      {ip_address}
    </Link>
  );
}

export function SessionRow({ session, offset_ms }: { session: Session; offset_ms: number }) {
  const login = formatDateTime(session.login_time);
  return (
    <tr>
      <th scope="row" className="cell-user" title={session.username}>
        {session.username}
        <span className="session-more">
          {session.region} · {session.site_id} · <AddressLink ip_address={session.ip_address} />
        </span>
      </th>
      <td className="cell-wide">{session.user_id}</td>
      <td className="cell-wide">{session.region}</td>
      <td className="cell-wide">{session.site_id}</td>
      <td className="cell-wide">
        <AddressLink ip_address={session.ip_address} />
      </td>
      <td className="cell-wide">
        <time dateTime={session.login_time}>
          <span className="entry-date">{login.slice(0, 11)}</span>
          {login.slice(11)}
        </time>
      </td>
      <td className="num">
        <Age heardAt_ms={Date.parse(session.last_seen) + offset_ms} />
      </td>
      <td>
        <SessionBadge status={session.status} />
      </td>
    </tr>
  );
}

export function SessionHead() {
  return (
    <thead>
      <tr>
        <th scope="col" className="cell-user">
          User
        </th>
        <th scope="col" className="cell-wide cell-user-id">
          Id
        </th>
        <th scope="col" className="cell-wide cell-region">
          Region
        </th>
        <th scope="col" className="cell-wide cell-user-site">
          Site
        </th>
        <th scope="col" className="cell-wide cell-ip">
          Address
        </th>
        <th scope="col" className="cell-wide cell-login">
          Login, UTC
        </th>
        <th scope="col" className="num cell-seen">
          Last seen
        </th>
        <th scope="col" className="cell-session-status">
          Status
        </th>
      </tr>
    </thead>
  );
}
