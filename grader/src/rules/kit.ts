// What a lab's own rules are made with: import { defineRule, z } from 'ipclab/rules'.
export { z } from 'zod';
export {
  getCalls,
  getContentsAt,
  getFamily,
  getName,
  getRole,
  getRoot,
  getSleepersAt,
  getStarted,
  isAnyReached,
  isComplete,
  isSignalled,
  type Message,
  type Run,
} from '../model/run.js';
export { quoteText } from '../model/text.js';
export { defineRule, type Finding, type Found, type Rule } from './rule.js';
export { hasCalled, hasForked, hasHandled, hasSent, type Tested } from './tested.js';
export { isExcused, signalledSchema } from './signalled.js';
export { nameExit, nameMessage, nameOutcome, nameQueue, nameSignal, nameWait, takeEvents } from './words.js';
