import { describe, expect, test } from 'vitest';
import { readReference } from '../../src/study/reference.ts';
import { UserError } from '../../src/study/user-error.ts';

describe('digitised points', () => {
  const expected = [{ system: 'sel4-pic', loadMbps: 900, utilisation: 0.315 }, { system: 'linux', loadMbps: 180, utilisation: 0.045 }];

  test.each([
    ['per cent', 'system,load_mbps,utilisation\nsel4-pic,900,31.5\nlinux,180,4.5\n'],
    ['0..1', 'system,load_mbps,utilisation\nsel4-pic,900,0.315\nlinux,180,0.045'],
    ['other order, other columns, a per cent sign', 'utilisation,note,system,load_mbps\n31.5 %,,sel4-pic,900\n4.5%,x,linux,180\n'],
    ['spaces, quotes, a byte order mark, CRLF, comments, empty lines', '\uFEFF"system" , load_mbps,utilisation\r\n\r\n# read off by hand\r\n sel4-pic, 900 ,"31.5"\r\nlinux,180,4.5\r\n'],
  ])('%s', (_what, text) => {
    const points = readReference(text, 'f.csv');
    expect(points.map(({ system, loadMbps }) => [system, loadMbps])).toEqual(expected.map(({ system, loadMbps }) => [system, loadMbps]));
    points.forEach(({ utilisation }, index) => expect(utilisation).toBeCloseTo(expected[index]?.utilisation ?? Number.NaN, 12));
  });

  test.each([
    ['nothing', '\n', 'f.csv: ', 'header'],
    ['only a header', 'system,load_mbps,utilisation\n', 'f.csv: ', 'points'],
    ['a column that is missing', 'system,load,utilisation\nbmk,900,30\n', 'f.csv:1: ', '\'load_mbps\''],
    ['a system', 'system,load_mbps,utilisation\nbmk,900,30\nsel4-mis,900,30\n', 'f.csv:3: ', 'sel4-msi'],
    ['a load', 'system,load_mbps,utilisation\n\nbmk,fast,30\n', 'f.csv:3: ', '\'fast\''],
    ['a utilisation', 'system,load_mbps,utilisation\nbmk,900,130\n', 'f.csv:2: ', '0..100'],
    ['an empty cell', 'system,load_mbps,utilisation\nbmk,900,\n', 'f.csv:2: ', 'utilisation'],
    ['a cell too many', 'system,load_mbps,utilisation\nbmk,900,30,5\n', 'f.csv:2: ', '4 cells'],
    ['a point twice', 'system,load_mbps,utilisation\nbmk,900,30\nbmk,900,31\n', 'f.csv:3: ', 'twice'],
  ])('%s is refused in one line with its row', (_what, text, place, said) => {
    const attempt = (): unknown => readReference(text, 'f.csv');
    expect(attempt).toThrow(UserError);
    expect(attempt).toThrow(place);
    expect(attempt).toThrow(said);
    expect(attempt).toThrow(/^[^\n]*$/);
  });
});
