import { useId } from 'react';
import type { Permission } from './permissions.ts';

/** A button that says why it cannot be used; it stays reachable, so that the reason can be read aloud. */
export function CommandButton(props: {
  label: string;
  permission: Permission;
  onPress: () => void;
  primary?: boolean;
}) {
  const { label, permission, onPress, primary = false } = props;
  const whyId = useId();
  return (
    <>
      <button
        type="button"
        className={`button${primary ? ' button-primary' : ''}`}
        aria-disabled={!permission.allowed}
        aria-describedby={permission.allowed ? undefined : whyId}
        onClick={permission.allowed ? onPress : undefined}
      >
        {label}
      </button>
      {permission.allowed ? null : (
        <span id={whyId} className="command-why">
          {permission.why}
        </span>
      )}
    </>
  );
}
