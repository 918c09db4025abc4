import { describe, expect, test } from 'vitest';
import { nearest } from '../../src/study/nearest.ts';

describe('the nearest name', () => {
  const systems = ['sel4-pic', 'sel4-ioapic', 'sel4-msi', 'bmk'];

  test('has the fewest edits', () => {
    expect(nearest('bmx', systems)).toBe('bmk');
    expect(nearest('SEL4-PIC', systems)).toBe('sel4-pic');
  });

  test('agrees longest from the start where several are as near: sel4-mis is two edits from sel4-pic and from sel4-msi', () => {
    expect(nearest('sel4-mis', systems)).toBe('sel4-msi');
  });

  test('is none without candidates', () => {
    expect(nearest('x', [])).toBeUndefined();
  });
});
