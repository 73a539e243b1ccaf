import { type ReactNode, useEffect, useId, useRef } from 'react';

export type Confirmation = {
  readonly title: string;
  /** What will happen, one sentence each. */
  readonly sentences: readonly string[];
  readonly confirm: string;
  readonly danger: boolean;
  readonly onConfirm: () => void;
};

/**
 * Says what will happen before it does. The browser keeps the focus inside, gives it back to the button that
 * opened it, and closes on Escape; nothing is sent unless the confirming button is pressed.
 */
export function ConfirmDialog(props: Confirmation & { onClose: () => void; children?: ReactNode }) {
  const { title, sentences, confirm, danger, onConfirm, onClose, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const textId = useId();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="confirm"
      aria-labelledby={titleId}
      aria-describedby={textId}
      onClose={onClose}
      closedby="any"
    >
      <form
        method="dialog"
        onSubmit={(event) => {
          const pressed = (event.nativeEvent as SubmitEvent).submitter;
          if (pressed instanceof HTMLButtonElement && pressed.value === 'confirm') onConfirm();
        }}
      >
        <h2 id={titleId}>{title}</h2>
        <ul id={textId} className="confirm-text">
          {sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        {children}
        <div className="confirm-buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button
            type="submit"
            value="confirm"
            className={`button ${danger ? 'button-danger' : 'button-primary'}`}
          >
            {confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
}
