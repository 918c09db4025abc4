// @types/seedrandom describes the package's index only; the core imports one generator, without the index's Node crypto.
declare module 'seedrandom/lib/alea.js' {
  import type seedrandom from 'seedrandom';

  export default function alea(seed: string): seedrandom.PRNG;
}
