// Controls (Cc), and what turns the direction of text around or hides it (Cf, line and paragraph separators).
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '"': '\\"', '\\': '\\\\' };

/** A student's text, made harmless: what a terminal would act on is written as an escape. */
export const showText = (text: string): string =>
  text.replaceAll(UNSEEN, (letter) => `\\u${letter.codePointAt(0)!.toString(16).padStart(4, '0')}`);

/** In quotes, at most `limit` characters of it. */
export function quoteText(text: string, limit = 48): string {
  const letters = Array.from(text);
  const cut = letters.length > limit ? `${letters.slice(0, limit - 1).join('')}…` : text;
  return `"${showText(cut.replaceAll(/[\n\t\r"\\]/g, (letter) => SHORT[letter]!))}"`;
}

/** In a regular expression, this very text. */
export const escapePattern = (text: string): string => text.replaceAll(/[$()*+./?[\\\]^{|}]/g, String.raw`\$&`);
