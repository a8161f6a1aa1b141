import { z } from 'zod';

const count = z.int().min(0);

const laneSchema = z.strictObject({
  /** Name of the process: `server#1`. */
  name: z.string(),
  /** Event with which it began. */
  start: count,
  /** Event with which it ended; null if it was still there when the run ended. */
  end: count.nullable(),
});

const contentsSchema = z.strictObject({
  /** Letter of the queue: `A`. */
  queue: z.string(),
  /** Types of the messages in it, oldest first; of many the first ones only. */
  types: z.array(z.number()),
  /** Number of messages in it. */
  count,
  /** Is the queue gone? Then what was in it was destroyed. */
  removed: z.boolean(),
});

const rowSchema = z.strictObject({
  /** Number of the event as in the timeline; calls that never returned come after all events. */
  seq: count,
  /** Place in `lanes`. */
  lane: count,
  kind: z.enum(['start', 'call', 'signal', 'output', 'exit', 'removal', 'wait']),
  /** What happened, short: `msgrcv ≤2 = 2 "hello"`. */
  text: z.string(),
  /** Is it one of the events that show the finding? */
  shows: z.boolean(),
  /** What the queue holds after the event, if the event changed it. */
  contents: contentsSchema.optional(),
});

const arrowSchema = z.strictObject({
  kind: z.enum(['message', 'fork', 'signal']),
  /** The event that sent it; null for a message that was there before. */
  from: count.nullable(),
  /** The event at which it came; null if it never did. Either may be an event without a row. */
  to: count.nullable(),
});

const waitSchema = z.strictObject({
  lane: count,
  /** Between these two events the process could not go on; `to` is null if it never could. */
  from: count,
  to: count.nullable(),
});

/** A space-time picture of some events of a run: what there is to draw, without how. Time goes by the `seq` of events. */
export const diagramSchema = z.strictObject({
  /** Processes, from left to right. */
  lanes: z.array(laneSchema),
  /** Letters of the queues that the rows are about. */
  queues: z.array(z.string()),
  /** In order. Gaps in `seq` are left-out events. */
  rows: z.array(rowSchema),
  arrows: z.array(arrowSchema),
  waits: z.array(waitSchema),
  /** `seq` of the row where it went wrong. */
  here: count.nullable(),
});

export type Diagram = z.infer<typeof diagramSchema>;
export type DiagramRow = Diagram['rows'][number];
