/** A control of a form. Its value is text, as it stands in the page's address. */
export type Control =
  | { readonly kind: 'range'; readonly name: string; readonly label: string; readonly low: number; readonly high: number; readonly step: number; readonly unit?: string; readonly means?: string; readonly show?: (value: number) => string }
  | { readonly kind: 'choice'; readonly name: string; readonly label: string; readonly choices: readonly (readonly [value: string, label: string])[]; readonly means?: string }
  | { readonly kind: 'tick'; readonly name: string; readonly label: string; readonly means?: string }
  | { readonly kind: 'text'; readonly name: string; readonly label: string; readonly example: string; readonly means?: string }
  | { readonly kind: 'group'; readonly label: string; readonly controls: readonly Control[]; readonly open?: boolean };

/** Values of a form by the controls' names. */
export type Values = Readonly<Record<string, string>>;
