import { type ChangeEvent, useState } from 'react';
import type { DrillRequest } from '../../../src/lib/control-schemas.ts';
import { CommandButton } from './command-button.tsx';
import { startDrill } from './commands.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { drillSentences, FAULT_NAMES, FAULTS, prospect, TARGETS } from './faults.ts';
import { mayDrill, type Situation } from './permissions.ts';

/** As the contract bounds them; the agents check again. */
const REPEAT_MAX = 1000;
const TELEMETRY_MAX = 20_000;
const FREEZE_S = { min: 0.5, max: 60 };

const FIRST: DrillRequest = { fault: 'kill', target: 'leader', repeat: 1, writes_per_s: 200, freeze_s: 5 };

type NumberFieldProps = {
  label: string;
  min: number;
  max: number;
  step: number;
  /** null: left empty, the server's default. */
  value: number | null;
  /** What empty means; null where it is not allowed. */
  empty: string | null;
  onValue: (value: number | null) => void;
};

/** Keeps what is being typed, and passes it on once it is a value that the drill takes. */
function NumberField({ label, min, max, step, value, empty, onValue }: NumberFieldProps) {
  const [text, setText] = useState(value === null ? '' : String(value));
  const read = (event: ChangeEvent<HTMLInputElement>) => {
    setText(event.target.value);
    if (event.target.value === '' && empty !== null) onValue(null);
    else if (event.target.validity.valid && event.target.value !== '') onValue(event.target.valueAsNumber);
  };
  return (
    <label className="field">
      <span>{label}</span>
      <input
        type="number"
        required={empty === null}
        min={min}
        max={max}
        step={step}
        placeholder={empty ?? undefined}
        value={text}
        onChange={read}
        onBlur={() => setText(value === null ? '' : String(value))}
      />
    </label>
  );
}

type FieldsProps = { request: DrillRequest; onChange: (request: DrillRequest) => void };

function FaultChoice({ request, onChange }: FieldsProps) {
  const { aimed } = FAULTS[request.fault];
  return (
    <>
      <label className="field">
        <span>Fault</span>
        <select
          value={request.fault}
          onChange={(event) => {
            const fault = FAULT_NAMES.find((name) => name === event.target.value);
            if (fault !== undefined) onChange({ ...request, fault });
          }}
        >
          {FAULT_NAMES.map((name) => (
            <option key={name} value={name}>
              {FAULTS[name].label}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>Target</span>
        <select
          value={aimed ? request.target : ''}
          disabled={!aimed}
          onChange={(event) => {
            const target = TARGETS.find((name) => name === event.target.value);
            if (target !== undefined) onChange({ ...request, target });
          }}
        >
          {aimed ? null : <option value="">no choice</option>}
          {TARGETS.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
    </>
  );
}

function Amounts({ request, onChange }: FieldsProps) {
  const { telemetry_per_s, ...rest } = request;
  return (
    <>
      <NumberField
        label="Runs"
        min={1}
        max={REPEAT_MAX}
        step={1}
        value={request.repeat}
        empty={null}
        onValue={(repeat) => onChange({ ...request, repeat: repeat ?? 1 })}
      />
      <NumberField
        label="Readings/s"
        min={0}
        max={TELEMETRY_MAX}
        step={1}
        value={telemetry_per_s ?? null}
        empty="as usual"
        onValue={(rate) => onChange(rate === null ? rest : { ...rest, telemetry_per_s: rate })}
      />
      {FAULTS[request.fault].frozen ? (
        <NumberField
          label="Frozen for, s"
          min={FREEZE_S.min}
          max={FREEZE_S.max}
          step={0.5}
          value={request.freeze_s}
          empty={null}
          onValue={(freeze_s) => onChange({ ...request, freeze_s: freeze_s ?? FIRST.freeze_s })}
        />
      ) : null}
    </>
  );
}

/** Breaks something on purpose and measures what comes of it. */
export function DrillPanel({ situation }: { situation: Situation }) {
  const [request, setRequest] = useState(FIRST);
  const [asking, setAsking] = useState(false);
  const leader = situation.status?.record?.leader ?? 'region1';
  const { breaks, expected } = prospect(request, leader);
  return (
    <section className="panel drill" aria-label="Drill">
      <header className="panel-head">
        <h2>Drill</h2>
        <span className="panel-note">broken on purpose, measured, healed</span>
      </header>
      <div className="drill-fields">
        <FaultChoice request={request} onChange={setRequest} />
        <Amounts request={request} onChange={setRequest} />
      </div>
      <p className="drill-prospect">
        {breaks} <span className="faint">{expected}</span>
      </p>
      <div className="command">
        <CommandButton
          label="Run this drill …"
          permission={mayDrill(situation)}
          onPress={() => setAsking(true)}
        />
      </div>
      {asking ? (
        <ConfirmDialog
          title={`${FAULTS[request.fault].label}?`}
          sentences={drillSentences(request, leader)}
          confirm={request.fault === 'switchover' ? 'Start the drill' : 'Break it'}
          danger={request.fault !== 'switchover'}
          onConfirm={() => void startDrill(request)}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </section>
  );
}
