type Child = Node | string;

/** An element with attributes and children. */
export function element<K extends keyof HTMLElementTagNameMap>(name: K, attributes: Readonly<Record<string, string>> = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A button that acts when it is pressed. */
export function button(text: string, act: () => void, title = ''): HTMLButtonElement {
  const made = element('button', title === '' ? { type: 'button' } : { type: 'button', title }, text);
  made.addEventListener('click', act);
  return made;
}

/** A cell of a table: text, with a class where it has one, or a node. */
export type Cell = string | { readonly text: string; readonly kind: string; readonly title?: string } | HTMLElement;

/** A table with a heading; it scrolls sideways when it must. `kind`: how it is laid out, a class of its own. */
export function dataTable(headings: readonly string[], rows: readonly (readonly Cell[])[], label: string, kind = ''): HTMLElement {
  const cell = (content: Cell): HTMLElement => {
    if (typeof content === 'string') return element('td', {}, content);
    if (content instanceof HTMLElement) return element('td', {}, content);
    return element('td', content.title === undefined ? { class: content.kind } : { class: content.kind, title: content.title }, content.text);
  };
  const numeric = (index: number): boolean => {
    const first = rows[0]?.[index];
    return typeof first === 'object' && !(first instanceof HTMLElement) && first.kind === 'number';
  };
  const head = element('thead', {}, element('tr', {}, ...headings.map((text, index) => element('th', numeric(index) ? { scope: 'col', class: 'number' } : { scope: 'col' }, text))));
  const body = element('tbody', {}, ...rows.map((row) => element('tr', {}, ...row.map(cell))));
  return element('div', { class: `wide ${kind}`.trim(), tabindex: '0', role: 'region', 'aria-label': label }, element('table', { class: 'data' }, head, body));
}

/** A line that says what is going on; screen readers say it, too. */
export class Status {
  readonly element = element('p', { class: 'status', role: 'status' });

  say(text: string): void {
    this.element.className = 'status';
    this.element.textContent = text;
  }

  complain(text: string): void {
    this.element.className = 'status bad';
    this.element.textContent = text;
  }
}

/** Copies text; says so on the button for a moment. */
export function copyButton(label: string, text: () => string): HTMLButtonElement {
  const made = button(label, () => {
    void navigator.clipboard.writeText(text()).then(() => {
      made.textContent = 'copied';
      setTimeout(() => {
        made.textContent = label;
      }, 1500);
    });
  });
  return made;
}
