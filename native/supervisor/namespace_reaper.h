// PID 1 of a run's namespace. It shares the engine's address space (copying a Node process's page tables for each run
// would cost more than all else), so its code makes raw system calls only and touches nothing but its own stack and
// this structure.
#pragma once
#include <cstddef>

namespace ipclab {

enum class ReaperStep : int {
  None,
  DieWithEngine,
  PrivateMounts,
  BindFolder,
  ReadOnlyMounts,
  WritableFolder,
  FirstPid,
  QueueBytes,
  BurnIds,
};

struct ReaperWork {
  // In. Texts are ready-made, because nothing may be allocated or formatted there.
  char last_pid[24] = "";        // empty: leave
  char queue_bytes[24] = "";     // empty: leave
  const char *folder = nullptr;  // null: leave the mounts writable
  int burnt_ids = 0;
  int ready = -1;  // written to (a byte) when all is done, closed when the reaper is gone
  // Out.
  ReaperStep failed = ReaperStep::None;
  int error = 0;
  bool own_proc = false;
};

const char *reaper_step_text(ReaperStep step);

// Entry for clone(2); `work` is a ReaperWork. Comes with all signals blocked, and keeps them so.
int run_reaper(void *work);

}  // namespace ipclab
