import * as fc from 'fast-check';
import { measureText, wrapText } from '../../src/report/text.js';

test('a text is broken at spaces, and indented from its second line on', () => {
  expect(wrapText('one two  three\nfour', 2, 10)).toBe('one two\n  three\n  four');
  expect(wrapText('', 2)).toBe('');
});

test('a word that does not fit is broken where it must be', () => {
  expect(wrapText('ab abcdefghij', 2, 6)).toBe('ab\n  abcd\n  efgh\n  ij');
});

test('wide letters take two columns, marks none', () => {
  expect([measureText('世界'), measureText('🙂'), measureText('e\u0301'), measureText('한글かなカナ。')]).toEqual([
    4, 2, 1, 14,
  ]);
});

test('no line is longer than the width', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.nat(10), (text, indent) => {
      const lines = `${' '.repeat(indent)}${wrapText(text, indent, 24)}`.split('\n');
      expect(lines.filter((line) => measureText(line) > 24)).toEqual([]);
    }),
  );
});
