#pragma once

#include <uv.h>

// What a Node process needs so that fork(2) leaves two processes that both go on running JavaScript. Node offers none
// of it: each piece rests on a fact about V8, libuv or Node that is named where it is used (verified on Node 20, 22, 24
// and 26).

namespace ipclab {

// Once, before the first fork: V8 is told that there are no worker threads, which a child would not have.
void report_no_workers();

// Before each fork: V8 marks its heap as not to be inherited; undone.
void make_heap_forkable();

// Before each fork: waits up to `limit_ms` for libuv's thread pool. Returns how many operations are still running:
// their results will never reach the child.
unsigned settle_pool(uv_loop_t *loop, int limit_ms);

// In the child, once: process.exit() and uncaught exceptions end it by _exit(2), because Node's own way out waits for
// threads.
void leave_by_exit_handler();

}  // namespace ipclab
