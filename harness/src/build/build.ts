import type { Program } from '@ipclab/native/supervisor';

/** Where the programs of a role come from; a role of lab.yaml. Paths are relative to the submission. */
export type RoleSource =
  | OneSource
  /** Either, as the submission has it. */
  | { entry: string; command: string; build?: string | undefined };

export type OneSource =
  /** TypeScript. */
  | { entry: string }
  /** An executable, made by the shell command `build` if there is one. */
  | { command: string; build?: string | undefined };

/** What a submission became. `programs` lacks the roles that did not build. */
export interface Build {
  /** The submission's, absolute. */
  folder: string;
  diagnostics: Diagnostic[];
  programs: Record<string, Program>;
  /** In the order of their numbers in `programs`. */
  bundles: Bundle[];
  /** Absolute paths below which the programs are, and must be readable for the processes. */
  readable: string[];
}

export interface Bundle {
  role: string;
  path: string;
  mapPath: string;
}

/** Something wrong with the submission's text. Severity `error` of any kind but `type` means that a role did not build. */
export interface Diagnostic {
  kind: 'missing-file' | 'syntax' | 'type' | 'command';
  severity: 'error' | 'warning';
  /** Relative to the submission. */
  file: string;
  /** From 1; 0 if it concerns the file as a whole. */
  line: number;
  /** From 1, in UTF-16 units; 0 if it concerns the line or file as a whole. */
  column: number;
  message: string;
  /** The line with a mark under the place; may be empty. */
  excerpt: string;
}
