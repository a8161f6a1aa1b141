const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const;

/** May what is written there be coloured? NO_COLOR (no-color.org) and FORCE_COLOR say so before the terminal does. */
export function hasColor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

export type Style = (style: keyof typeof CODES, text: string) => string;

export function createStyle(stream: { isTTY?: boolean }): Style {
  return hasColor(stream)
    ? (style, text) => `\u001b[${CODES[style][0]}m${text}\u001b[${CODES[style][1]}m`
    : (_, text) => text;
}
