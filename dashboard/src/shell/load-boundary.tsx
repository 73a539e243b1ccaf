import { Component, type ReactNode } from 'react';
import { Notice } from './notice.tsx';

/** Catches a view that cannot be loaded or rendered, so that the rest of the page goes on working. */
export class LoadBoundary extends Component<{ name: string; children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    const reload = (
      <button type="button" className="button" onClick={() => location.reload()}>
        Reload the page
      </button>
    );
    return (
      <Notice tone="alert" title={`${this.props.name} could not be shown`} action={reload}>
        {this.state.error.message}
      </Notice>
    );
  }
}
