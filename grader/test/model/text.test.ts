import * as fc from 'fast-check';
import { quoteText, showText } from '../../src/model/text.js';

test('what a terminal would act on is shown, not sent', () => {
  expect(showText('\u001B[2J\u0007\r\n\u009B31m\u202Egnp\u2028ok')).toBe(
    String.raw`\u001b[2J\u0007\u000d\u000a\u009b31m\u202egnp\u2028ok`,
  );
  expect(showText('Grüße, 世界 🙂')).toBe('Grüße, 世界 🙂');
});

test('in quotes a text is one word of known length', () => {
  expect(quoteText('a "b"\\\n\t\r\0')).toBe(String.raw`"a \"b\"\\\n\t\r\u0000"`);
  expect(quoteText('x'.repeat(49))).toBe(`"${'x'.repeat(47)}…"`);
  expect(quoteText('🙂🙂🙂', 2)).toBe('"🙂…"');
});

test('no text of a student holds a control character when it is shown', () => {
  const range = (min: number, max: number) => fc.integer({ min, max });
  // Many that control something; fast-check's own units take seconds to list all letters.
  const letters = fc.array(fc.oneof(range(0, 0x9f), range(0x200b, 0x206f), range(0, 0x10ffff)));
  const text = letters.map((codes) => String.fromCodePoint(...codes));
  fc.assert(
    fc.property(text, (each) => {
      expect(showText(each)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(quoteText(each)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }),
  );
});
