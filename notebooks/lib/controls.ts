import type { Control, Values } from './control.ts';
import type { UrlState } from './url-state.ts';

export type { Control, Values } from './control.ts';

/** A form whose `value` the notebook's `view` reads; it says `input` when a control moves. */
export type Form = HTMLFormElement & { readonly value: Values };

/** A form of labelled controls that starts from the page's address and keeps it up to date. */
export function form(controls: readonly Control[], state: UrlState): Form {
  const element = document.createElement('form');
  element.className = 'controls';
  element.addEventListener('submit', (event) => event.preventDefault());
  const inputs = new Map<string, () => string>();
  for (const control of controls) element.append(build(control, state, inputs));
  const read = (): Values => Object.fromEntries([...inputs].map(([name, value]) => [name, value()]));
  element.addEventListener('input', () => state.set(read()));
  return Object.defineProperty(element, 'value', { get: read }) as Form;
}

function build(control: Control, state: UrlState, inputs: Map<string, () => string>): HTMLElement {
  switch (control.kind) {
    case 'group': {
      const details = document.createElement('details');
      details.open = control.open === true;
      const summary = document.createElement('summary');
      summary.textContent = control.label;
      details.append(summary, ...control.controls.map((inner) => build(inner, state, inputs)));
      return details;
    }
    case 'range': return range(control, state, inputs);
    case 'choice': {
      const select = document.createElement('select');
      for (const [value, label] of control.choices) select.append(new Option(label, value, false, value === state.get(control.name)));
      inputs.set(control.name, () => select.value);
      return labelled(control.name, control.label, control.means, select);
    }
    case 'text': {
      const field = document.createElement('input');
      field.type = 'text';
      field.value = state.get(control.name);
      field.placeholder = control.example;
      field.spellcheck = false;
      inputs.set(control.name, () => field.value.trim());
      return labelled(control.name, control.label, control.means, field);
    }
    case 'tick': {
      const box = document.createElement('input');
      box.type = 'checkbox';
      box.checked = state.get(control.name) === 'true';
      inputs.set(control.name, () => String(box.checked));
      return labelled(control.name, control.label, control.means, box);
    }
  }
}

/** A slider with a number field beside it: one for the hand, one for the exact value. */
function range(control: Extract<Control, { kind: 'range' }>, state: UrlState, inputs: Map<string, () => string>): HTMLElement {
  const { name, label, low, high, step, unit = '', means, show } = control;
  const start = String(Math.min(high, Math.max(low, state.number(name))));
  const slider = input('range', low, high, step, start);
  const field = input('number', low, high, step, start);
  field.setAttribute('aria-label', `${label}, exact value`);
  const told = document.createElement('output');
  const tell = (): void => {
    told.textContent = show === undefined ? unit : show(Number(slider.value));
  };
  slider.addEventListener('input', () => {
    field.value = slider.value;
    tell();
  });
  field.addEventListener('input', () => {
    if (field.validity.valid && field.value !== '') slider.value = field.value;
    tell();
  });
  tell();
  inputs.set(name, () => slider.value);
  return labelled(name, label, means, slider, field, told);
}

function input(type: 'range' | 'number', low: number, high: number, step: number, value: string): HTMLInputElement {
  const element = document.createElement('input');
  element.type = type;
  element.min = String(low);
  element.max = String(high);
  element.step = String(step);
  element.value = value;
  return element;
}

function labelled(name: string, text: string, means: string | undefined, ...parts: readonly HTMLElement[]): HTMLElement {
  const row = document.createElement('div');
  row.className = 'control';
  const label = document.createElement('label');
  label.textContent = text;
  label.htmlFor = `control-${name}`;
  const [first] = parts;
  if (first !== undefined) first.id = label.htmlFor;
  if (means !== undefined) {
    row.title = means;
    first?.setAttribute('aria-description', means);
  }
  row.append(label, ...parts);
  return row;
}
