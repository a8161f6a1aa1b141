const isPattern = (wanted: string): boolean => wanted.length > 1 && wanted.startsWith('/') && wanted.endsWith('/');
const createPattern = (wanted: string): RegExp => new RegExp(`^(?:${wanted.slice(1, -1)})$`, 'u');

/** A line as a lab writes it: exact text, or `/a regular expression/` for the whole line. */
export const linePattern = { isPattern, isMatch, isUsable };

function isMatch(wanted: string, text: string): boolean {
  return isPattern(wanted) ? createPattern(wanted).test(text) : wanted === text;
}

function isUsable(wanted: string): boolean {
  try {
    return !isPattern(wanted) || createPattern(wanted) instanceof RegExp;
  } catch {
    return false;
  }
}
