// The record of one run, as native/src/trace.ts describes it. Queues, segments, semaphores and messages are the
// shadow's.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "plan.h"

namespace ipclab {

struct ProcessExit {
  int code = -1;
  int signal = 0;
};

struct SemOperation {
  int num, op, flags;
};

// Decoded arguments of a call; which are set depends on the call.
struct CallArgs {
  std::optional<long> key, id, mode, mtype, msgtyp, size_bytes, pid, signal, seconds, timeout_ms, fd, offset;
  std::vector<const char *> flags;  // literals
  bool has_flags = false;
  std::string cmd;
  const char *disposition = "", *how = "";  // literals
  std::optional<uint64_t> signals;          // a set: bit n-1 is signal n
  std::vector<SemOperation> operations;
  std::optional<ProcessExit> status;
  std::string path, to;             // of files, in the run's folder
  std::optional<std::string> data;  // read or written
};

struct QueueStatus {
  int mode = 0;
  long messages = 0, bytes = 0, max_bytes = 0;
};

struct Event {
  enum class Kind { Start, Call, Signal, Output, Exit, Orphan, Removal } kind = Kind::Start;
  int process = -1;
  // Call
  int call = 0;
  const char *name = "";  // a literal
  CallArgs args;
  long result = 0;
  int error = 0;
  int arrived = -1;
  bool waited = false, forced = false;
  int queue = -1, segment = -1, semaphores = -1, message = -1, target = -1, thread = 0;
  std::string place;
  int in_handler = 0;  // the signal whose handler has made it
  int file = -1, replaced = -1;
  uint64_t blocked = 0;  // signals, when it has returned; if the plan asks for it
  // Signal
  int signal = 0;
  int from = kFromKernel;
  std::optional<Placement> placement;
  int at_call = 0;
  const char *action = "";  // a literal
  // Output
  bool is_stderr = false;
  std::string text;
  // Exit
  ProcessExit exit;
  // Of a free run (native/src/history.ts): when it was entered and when it returned, -1: never. For what is not a call
  // the same.
  int entered = -1, returned = -1;
  std::string bytes;                  // sent or received
  std::optional<QueueStatus> status;  // that IPC_STAT wrote or IPC_SET was given
  std::vector<int> values;            // that SETVAL or SETALL was given

  static constexpr int kFromKernel = -1, kFromScenario = -2;
};

struct ProcessRecord {
  std::string name, role;
  int pid = 0, parent = -1;
  std::optional<ProcessExit> exit;
  bool ended_by_supervisor = false;
  int calls = 0;
};

struct Wait {
  int process = -1, call = 0;
  std::string name, kind;
  CallArgs args;
  int queue = -1, semaphores = -1;
  bool certain = true;
  std::string place;
  int in_handler = 0;
};

struct RunEnd {
  std::string cause = "completed", detail;
  std::vector<Wait> waits;
  int process = -1;
};

struct InjectionOutcome {
  std::string status = "not-reached";
  int seq = -1;
};

struct ChoicePoint {
  Deviation taken;
  std::vector<std::string> able;
  std::string usual;
  bool preempts = false;
  int seq = 0;
};

struct DeviationMiss {
  int deviation = -1;
  bool was_reached = false;  // the point of choice came, but the one that should move could not
  int seq = 0;
};

// What is there when all processes of a free run are gone, as the kernel tells.
struct LeftQueue {
  int id = -1, key = 0;
  QueueStatus status;
  std::vector<std::pair<long, std::string>> messages;  // type and bytes, in queue order
};
struct Left {
  std::vector<LeftQueue> queues;
  std::vector<int> segments, semaphores;  // ids
};

// A file or folder of the run's folder, whatever it is called.
struct FileRecord {
  const char *kind = "file";
  std::string path;  // when it was first seen
  int creator = -1, created_at = -1;
  std::string left;                          // its path when all are gone
  std::optional<std::string> before, after;  // content at the start and at the end
};

struct TraceRecord {
  std::vector<ProcessRecord> processes;
  std::vector<Event> events;
  RunEnd end;
  std::vector<Deviation> deviations;
  std::vector<InjectionOutcome> injections, faults;
  std::vector<DeviationMiss> misses;
  std::vector<ChoicePoint> points;
  int choices = 0;
  Left left;
  std::optional<std::vector<FileRecord>> files;
};

}  // namespace ipclab
