/** What a person has changed of a photo and not yet saved. Pure. */
import type { OverrideBody } from '../../../src/vision/schemas.ts';
import type { Person } from './camera-shapes.ts';
import { GEAR, type GearKey, type GearValue, nextValue } from './person-state.ts';

/** By index of the person; what is not in it is as stored. */
type Changes = Readonly<Partial<Record<GearKey, GearValue>>> & { readonly removed?: true };
export type Draft = {
  /** Of the record that is corrected. */
  readonly version: number;
  readonly selected: number;
  readonly changes: Readonly<Record<number, Changes>>;
};

export type DraftAction =
  | { readonly kind: 'select'; readonly index: number }
  | { readonly kind: 'set'; readonly index: number; readonly gear: GearKey; readonly value: GearValue }
  | { readonly kind: 'cycle'; readonly gear: GearKey }
  | { readonly kind: 'remove'; readonly index: number }
  | { readonly kind: 'start'; readonly version: number };

export const newDraft = (version: number): Draft => ({ version, selected: 0, changes: {} });

/** The person as the draft has it. */
export function drafted(
  person: Person,
  index: number,
  { changes }: Draft,
): Person & { readonly removed: boolean } {
  const own = changes[index] ?? {};
  const of = (gear: GearKey): Person[GearKey] => {
    const value = own[gear];
    return value === undefined ? person[gear] : { value, confidence: 1, corrected: true };
  };
  return {
    ...person,
    hard_hat: of('hard_hat'),
    vest: of('vest'),
    equipment: of('equipment'),
    removed: own.removed === true,
  };
}

/** `people` are those of the record. What is set back to what is stored is no change. */
export function reduceDraft(draft: Draft, action: DraftAction, people: readonly Person[]): Draft {
  const { changes } = draft;
  const change = (index: number, next: Changes): Draft => {
    const { [index]: _, ...others } = changes;
    const isSame = Object.keys(next).length === 0;
    return { ...draft, selected: index, changes: isSame ? others : { ...others, [index]: next } };
  };
  switch (action.kind) {
    case 'start':
      return newDraft(action.version);
    case 'select': {
      const last = Math.max(0, people.length - 1);
      return { ...draft, selected: Math.min(last, Math.max(0, action.index)) };
    }
    case 'set': {
      const { index, gear, value } = action;
      const { [gear]: _, ...rest } = changes[index] ?? {};
      return change(index, people[index]?.[gear].value === value ? rest : { ...rest, [gear]: value });
    }
    case 'cycle': {
      const { selected } = draft;
      const person = people[selected];
      if (person === undefined) return draft;
      const value = nextValue(drafted(person, selected, draft)[action.gear].value);
      return reduceDraft(draft, { kind: 'set', index: selected, gear: action.gear, value }, people);
    }
    case 'remove': {
      const { removed, ...rest } = changes[action.index] ?? {};
      return change(action.index, removed ? rest : { ...rest, removed: true });
    }
    default:
      return action satisfies never;
  }
}

export const isChanged = ({ changes }: Draft): boolean => Object.keys(changes).length > 0;

/** For the API. Everybody who was not changed counts as looked at by it, so only changes are named. */
export function overrideBody(draft: Draft, by: string, reason: string): OverrideBody {
  const people = Object.entries(draft.changes).map(([key, own]) => {
    const index = Number(key);
    if (own.removed === true) return { index, is_person: false as const };
    const said = GEAR.flatMap(({ key: gear }) =>
      own[gear] === undefined ? [] : [[gear, own[gear]] as const],
    );
    return { index, ...Object.fromEntries(said) };
  });
  return { version: draft.version, by, reason, people };
}
