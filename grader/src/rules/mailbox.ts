import { z } from 'zod';
import { decodeBytes, splitPath } from '../model/files.js';
import { linePattern } from './pattern.js';

/** Which files are messages; parameters of the rules about a mailbox of files. */
export const mailboxSchema = {
  mailbox: z.string().default('import').describe('Folder in which messages appear, below the working folder'),
  names: z
    .string()
    .refine(linePattern.isUsable, 'Expected a name, or a regular expression between slashes')
    .default(String.raw`/[^.].*\.json/`)
    .describe('How messages are called, as an exact name or /a regular expression/; other files are foreign'),
  whole: z
    .union([z.enum(['json', 'any']), z.strictObject({ ends: z.string().min(1) })])
    .default('json')
    .describe('When a file is complete: it is JSON; it ends with this text; or anything is'),
};

export interface Mailbox {
  mailbox: string;
  names: string;
  whole: 'json' | 'any' | { ends: string };
}

type Naming = Pick<Mailbox, 'mailbox' | 'names'>;

export const isMessagePath = ({ mailbox, names }: Naming, path: string): boolean => {
  const { folder, name } = splitPath(path);
  return folder === mailbox && linePattern.isMatch(names, name);
};

/** Of a message that waits in the mailbox, or that is claimed: `work/a.json.4711` is a.json. */
export function getMessageName(naming: Naming, path: string, claims?: string): string | undefined {
  const { folder, name } = splitPath(path);
  if (isMessagePath(naming, path)) return name;
  if (folder !== claims) return undefined;
  const starts = Array.from(name, (_, at) => name.slice(0, at + 1));
  return starts.find((start) => linePattern.isMatch(naming.names, start));
}

/** What is not known counts as complete: nothing certain can be said of it. */
export function isWhole({ whole }: Mailbox, content: string | null): boolean {
  if (content === null || whole === 'any') return true;
  const text = decodeBytes(content);
  if (whole !== 'json') return text.endsWith(whole.ends);
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

/** `is empty`, `holds "{"id":"`. */
export const nameContent = (content: string | null, quote: (text: string) => string): string =>
  content === null ? 'is not known' : content === '' ? 'is empty' : `holds ${quote(decodeBytes(content))}`;
