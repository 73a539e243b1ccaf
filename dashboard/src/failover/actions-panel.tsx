import { useState } from 'react';
import { formatDateTime } from '../lib/format.ts';
import { useStore } from '../live/store.ts';
import { Notice } from '../shell/notice.tsx';
import { peerOf } from './cluster-state.ts';
import { CommandButton } from './command-button.tsx';
import { commandStore, healEverything, moveLeader, pauseAutomation, resumeAutomation } from './commands.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { moveSentences } from './faults.ts';
import { mayHeal, mayPause, plannedMove, type Situation } from './permissions.ts';

/** As much as the agents take. */
const REASON_CHARS = 200;

type Asking = 'move' | 'pause' | 'resume' | 'heal';

/** What became of the last command. The server's words stand as they came. */
export function CommandAnswer() {
  const command = useStore(commandStore);
  switch (command.kind) {
    case 'idle':
      return null;
    case 'sending':
      return (
        <p className="command-sending" role="status">
          {command.what} is under way …
        </p>
      );
    case 'done':
    case 'refused': {
      const done = command.kind === 'done';
      return (
        <Notice
          tone={done ? 'info' : 'alert'}
          title={command.title}
          action={
            <button type="button" className="button" onClick={() => commandStore.set({ kind: 'idle' })}>
              Dismiss
            </button>
          }
        >
          {done ? command.text : command.message}
        </Notice>
      );
    }
  }
}

function PauseDialog({ onClose }: { onClose: () => void }) {
  const [reason, setReason] = useState('maintenance');
  return (
    <ConfirmDialog
      title="Pause automation"
      sentences={[
        'No region takes over by itself, however long the leader is lost.',
        'Writes go on as before; a planned move and a drill remain possible.',
        'It stays so until somebody resumes it.',
      ]}
      confirm="Pause automation"
      danger={true}
      onConfirm={() => void pauseAutomation(reason.trim())}
      onClose={onClose}
    >
      <label className="field confirm-field">
        <span>Reason, for whoever finds it paused</span>
        <input
          value={reason}
          required
          pattern=".*\S.*"
          maxLength={REASON_CHARS}
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
    </ConfirmDialog>
  );
}

function Dialogs(props: { asking: Asking | null; situation: Situation; onClose: () => void }) {
  const { asking, situation, onClose } = props;
  const { target } = plannedMove(situation);
  switch (asking) {
    case null:
      return null;
    case 'pause':
      return <PauseDialog onClose={onClose} />;
    case 'move':
      return (
        <ConfirmDialog
          title={`Move the leader to ${target}?`}
          sentences={moveSentences(peerOf(target))}
          confirm={`Move to ${target}`}
          danger={false}
          onConfirm={() => void moveLeader(target)}
          onClose={onClose}
        />
      );
    case 'resume':
      return (
        <ConfirmDialog
          title="Resume automation?"
          sentences={[
            'From now on a lost leader is replaced by the other region without anybody asking.',
            'If the leader is lost already, that happens at once.',
          ]}
          confirm="Resume automation"
          danger={false}
          onConfirm={() => void resumeAutomation()}
          onClose={onClose}
        />
      );
    case 'heal':
      return (
        <ConfirmDialog
          title="Heal everything?"
          sentences={[
            'What drills have frozen goes on, and what they have killed and kept down is started again.',
            'A drill that runs now ends as aborted.',
          ]}
          confirm="Heal everything"
          danger={false}
          onConfirm={() => void healEverything()}
          onClose={onClose}
        />
      );
  }
}

/** Moving the leader, pausing automation, healing: everything that needs no further choice. */
export function ActionsPanel({ situation }: { situation: Situation }) {
  const [asking, setAsking] = useState<Asking | null>(null);
  const move = plannedMove(situation);
  const paused = situation.status?.paused ?? null;
  return (
    <section className="panel actions" aria-label="Actions">
      <header className="panel-head">
        <h2>Actions</h2>
        {paused === null ? null : <span className="badge badge-warn">▲ automation paused</span>}
      </header>
      <div className="command">
        <CommandButton
          primary
          label={`Move the leader to ${move.target}`}
          permission={move.permission}
          onPress={() => setAsking('move')}
        />
      </div>
      <div className="command command-pair">
        <CommandButton
          label={paused === null ? 'Pause automation' : 'Resume automation'}
          permission={mayPause(situation)}
          onPress={() => setAsking(paused === null ? 'pause' : 'resume')}
        />
        <CommandButton
          label="Heal everything"
          permission={mayHeal(situation)}
          onPress={() => setAsking('heal')}
        />
      </div>
      {paused === null ? null : (
        <p className="command-why">
          Paused since {formatDateTime(paused.since)} UTC: {paused.reason}
        </p>
      )}
      <Dialogs asking={asking} situation={situation} onClose={() => setAsking(null)} />
    </section>
  );
}
