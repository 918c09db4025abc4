import { element } from './lib/dom.ts';

/** The notebooks, in the order in which a newcomer reads them. */
export const NOTEBOOKS: readonly { readonly page: string; readonly title: string; readonly text: string }[] = [
  { page: 'paper', title: 'The paper, with every setting on a control', text: 'Figures 4 and 5 and the claims of Elphinstone et al. (APSys 2017) under any NIC throttle, sender, ring, socket or clock; from a simulated client or from recorded frames.' },
  { page: 'interrupts', title: 'Interrupts: what moderation saves and what it delays', text: 'CPU against delay for the throttle and each delay timer, the settings that nothing beats, and where the receive ring overflows.' },
  { page: 'cycles', title: 'Where the cycles go', text: 'A flame graph of one run, the difference of two, and one interrupt step by step from the wire to read(), each step with its cost and the cost\'s source.' },
  { page: 'costs', title: 'Costs: every number, its range and its source', text: 'Drag a number inside its published range; see which numbers matter.' },
  { page: 'trace', title: 'Bring your own trace', text: 'Drop a packet capture and drive a system with it, or a QEMU log, an ftrace or perf recording and see what it holds.' },
  { page: 'validation', title: 'Validation: predicted against recorded', text: 'What the model says of recorded runs of the real systems, quantity by quantity, and where it is off.' },
  { page: 'bench', title: 'Bench: how fast is this browser?', text: 'Events and frames a second, in a worker of this browser.' },
];

/** The list of notebooks. */
export function contents(): HTMLElement {
  return element('ul', { class: 'contents' }, ...NOTEBOOKS.map(({ page, title, text }) => element('li', {}, element('a', { href: `./${page}.html` }, title), element('p', {}, text))));
}
