/** How a report is dressed; asked of the caller, because whether a screen has colours is none of a pure function's business. */
export interface RenderOptions {
  color: boolean;
  /** Pictures in letters that every terminal has. */
  ascii?: boolean;
}

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type Paint = (style: keyof typeof CODES, text: string) => string;

export const createPaint = ({ color }: RenderOptions): Paint =>
  color ? (style, text) => `\u001B[${CODES[style][0]}m${text}\u001B[${CODES[style][1]}m` : (_, text) => text;
