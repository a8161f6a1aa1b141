#include "trace_writer.h"

#include <sys/sem.h>

#include "json.h"
#include "signal_names.h"

namespace ipclab {
namespace {

constexpr int kTraceVersion = 5;  // TRACE_VERSION in native/src/trace.ts
const char *const kPlacements[] = {"before", "entry", "blocked", "after"};

using Text = std::string;

// Members that are left out where the value is absent: an index is when negative.
void set_if(JsonObject *fields, const char *name, const std::optional<long> &value) {
  if (value) fields->set(name, *value);
}
void set_if(JsonObject *fields, const char *name, const std::string &value) {
  if (!value.empty()) fields->set(name, value);
}
void set_index(JsonObject *fields, const char *name, int value) {
  if (value >= 0) fields->set(name, value);
}
void set_index_or_null(JsonObject *fields, const char *name, int value) {
  if (value >= 0) {
    fields->set(name, value);
  } else {
    fields->set_null(name);
  }
}

template <class List>
void write_values(Text *text, const List &list) {
  append_json_list(text, list, [&](const auto &value) { append_json(text, value); });
}

void write_exit(Text *text, const ProcessExit &exit) {
  JsonObject fields(text);
  if (exit.signal) {
    fields.set("signal", signal_name(exit.signal));
  } else {
    fields.set("code", exit.code);
  }
}

// Those from 1 to 31; the others belong to the library, or to nobody.
constexpr uint64_t kOrdinarySignals = 0x7fffffff;

void write_signals(Text *text, uint64_t set) {
  std::vector<std::string> names;
  for (int signal = 1; signal <= 31; signal++) {
    if (set >> (signal - 1) & 1) names.push_back(signal_name(signal));
  }
  write_values(text, names);
}

void write_operation(Text *text, const SemOperation &operation) {
  JsonObject fields(text);
  fields.set("num", operation.num);
  fields.set("op", operation.op);
  std::vector<const char *> flags;
  if (operation.flags & IPC_NOWAIT) flags.push_back("IPC_NOWAIT");
  if (operation.flags & SEM_UNDO) flags.push_back("SEM_UNDO");
  write_values(fields.member("flags"), flags);
}

void write_args(Text *text, const CallArgs &args) {
  JsonObject fields(text);
  set_if(&fields, "key", args.key);
  set_if(&fields, "id", args.id);
  set_if(&fields, "mode", args.mode);
  set_if(&fields, "mtype", args.mtype);
  set_if(&fields, "msgtyp", args.msgtyp);
  set_if(&fields, "sizeBytes", args.size_bytes);
  set_if(&fields, "pid", args.pid);
  set_if(&fields, "seconds", args.seconds);
  set_if(&fields, "timeoutMs", args.timeout_ms);
  if (args.signal)
    fields.set("signal", *args.signal == 0 ? std::string("0") : signal_name(static_cast<int>(*args.signal)));
  if (args.has_flags) write_values(fields.member("flags"), args.flags);
  set_if(&fields, "cmd", args.cmd);
  if (*args.disposition) fields.set("disposition", args.disposition);
  if (*args.how) fields.set("how", args.how);
  if (args.signals) write_signals(fields.member("signals"), *args.signals);
  if (!args.operations.empty())
    append_json_list(fields.member("operations"), args.operations,
                     [&](const SemOperation &operation) { write_operation(text, operation); });
  set_if(&fields, "path", args.path);
  set_if(&fields, "to", args.to);
  set_if(&fields, "fd", args.fd);
  set_if(&fields, "offset", args.offset);
  if (args.data) append_base64(fields.member("data"), *args.data);
  if (args.status) write_exit(fields.member("status"), *args.status);
}

void set_call(JsonObject *fields, const Event &event) {
  fields->set("kind", "call");
  fields->set("call", event.call);
  fields->set("name", event.name);
  write_args(fields->member("args"), event.args);
  fields->set("result", event.result);
  if (event.error) fields->set("error", errno_name(event.error));
  fields->set("arrived", event.arrived);
  fields->set("waited", event.waited);
  set_index(fields, "queue", event.queue);
  set_index(fields, "segment", event.segment);
  set_index(fields, "semaphores", event.semaphores);
  set_index(fields, "message", event.message);
  set_index(fields, "target", event.target);
  set_index(fields, "file", event.file);
  set_index(fields, "replaced", event.replaced);
  if (event.forced) fields->set("forced", true);
  if (event.thread) fields->set("thread", event.thread);
  set_if(fields, "place", event.place);
  if (event.in_handler) fields->set("inHandler", signal_name(event.in_handler));
  if (event.blocked & kOrdinarySignals) write_signals(fields->member("blocked"), event.blocked);
}

void set_signal(JsonObject *fields, const Event &event) {
  fields->set("kind", "signal");
  fields->set("signal", signal_name(event.signal));
  if (event.from >= 0) {
    fields->set("from", event.from);
  } else {
    fields->set("from", event.from == Event::kFromScenario ? "scenario" : "kernel");
  }
  if (event.placement) fields->set("placement", kPlacements[static_cast<int>(*event.placement)]);
  if (event.at_call) fields->set("call", event.at_call);
  fields->set("action", event.action);
}

// `number`: the name that its place in the order has.
void write_event(Text *text, const Event &event, const char *number, int place) {
  JsonObject fields(text);
  fields.set(number, place);
  fields.set("process", event.process);
  switch (event.kind) {
    case Event::Kind::Start:
      fields.set("kind", "start");
      break;
    case Event::Kind::Call:
      set_call(&fields, event);
      break;
    case Event::Kind::Signal:
      set_signal(&fields, event);
      break;
    case Event::Kind::Output:
      fields.set("kind", "output");
      fields.set("stream", event.is_stderr ? "stderr" : "stdout");
      fields.set("text", event.text);
      break;
    case Event::Kind::Exit:
      fields.set("kind", "exit");
      write_exit(fields.member("exit"), event.exit);
      break;
    case Event::Kind::Orphan:
      fields.set("kind", "orphan");
      break;
    case Event::Kind::Removal:
      fields.set("kind", "removal");
      fields.set("queue", event.queue);
      break;
  }
}

void write_process(Text *text, const ProcessRecord &process) {
  JsonObject fields(text);
  fields.set("name", process.name);
  fields.set("role", process.role);
  fields.set("pid", process.pid);
  set_index_or_null(&fields, "parent", process.parent);
  if (process.exit) {
    write_exit(fields.member("exit"), *process.exit);
  } else {
    fields.set_null("exit");
  }
  fields.set("endedBySupervisor", process.ended_by_supervisor);
  fields.set("calls", process.calls);
}

void write_processes(Text *text, const TraceRecord &trace) {
  append_json_list(text, trace.processes, [&](const ProcessRecord &process) { write_process(text, process); });
}

void write_wait(Text *text, const Wait &wait) {
  JsonObject fields(text);
  fields.set("process", wait.process);
  fields.set("call", wait.call);
  fields.set("name", wait.name);
  write_args(fields.member("args"), wait.args);
  fields.set("kind", wait.kind);
  set_index(&fields, "queue", wait.queue);
  set_index(&fields, "semaphores", wait.semaphores);
  fields.set("certain", wait.certain);
  set_if(&fields, "place", wait.place);
  if (wait.in_handler) fields.set("inHandler", signal_name(wait.in_handler));
}

void write_end(Text *text, const RunEnd &end) {
  JsonObject fields(text);
  fields.set("cause", end.cause);
  append_json_list(fields.member("waits"), end.waits, [&](const Wait &wait) { write_wait(text, wait); });
  set_index(&fields, "process", end.process);
  set_if(&fields, "detail", end.detail);
}

void set_object(JsonObject *fields, const ShadowObject &object, const char *kind) {
  fields->set("kind", kind);
  fields->set("id", object.id);
  fields->set("key", object.key);
  fields->set("mode", object.mode);
  set_index_or_null(fields, "creator", object.creator);
  set_index_or_null(fields, "createdAt", object.created_at);
  set_index_or_null(fields, "remover", object.remover);
  set_index_or_null(fields, "removedAt", object.removed_at);
  fields->set("left", object.alive);
}

void write_queue(Text *text, const ShadowQueue &queue) {
  JsonObject fields(text);
  set_object(&fields, queue, "queue");
  write_values(fields.member("pending"), queue.pending);
  fields.set("maxBytes", queue.qbytes);
}

void write_segment(Text *text, const ShadowSegment &segment) {
  JsonObject fields(text);
  set_object(&fields, segment, "segment");
  fields.set("sizeBytes", static_cast<long>(segment.size));
}

void write_semaphores(Text *text, const ShadowSemaphores &set) {
  JsonObject fields(text);
  set_object(&fields, set, "semaphores");
  fields.set("count", static_cast<long>(set.values.size()));
}

void write_message(Text *text, const ShadowMessage &message) {
  JsonObject fields(text);
  fields.set("queue", message.queue);
  fields.set("mtype", message.mtype);
  fields.set("sizeBytes", static_cast<long>(message.bytes.size()));
  append_base64(fields.member("data"), message.bytes);
  set_index_or_null(&fields, "sender", message.sender);
  set_index_or_null(&fields, "sentAt", message.sent_at);
  set_index_or_null(&fields, "receiver", message.receiver);
  set_index_or_null(&fields, "receivedAt", message.received_at);
}

void write_file(Text *text, const FileRecord &file) {
  JsonObject fields(text);
  fields.set("kind", file.kind);
  fields.set("path", file.path);
  set_index_or_null(&fields, "creator", file.creator);
  set_index_or_null(&fields, "createdAt", file.created_at);
  if (file.left.empty()) {
    fields.set_null("left");
  } else {
    fields.set("left", file.left);
  }
  if (file.before) append_base64(fields.member("before"), *file.before);
  if (file.after) append_base64(fields.member("after"), *file.after);
}

void set_deviation(JsonObject *fields, const Deviation &deviation) {
  fields->set("at", deviation.at);
  fields->set("call", deviation.call);
  fields->set("to", deviation.to);
}

void write_outcome(Text *text, const InjectionOutcome &outcome) {
  JsonObject fields(text);
  fields.set("status", outcome.status);
  set_index(&fields, "seq", outcome.seq);
}

void write_miss(Text *text, const DeviationMiss &miss) {
  JsonObject fields(text);
  fields.set("deviation", miss.deviation);
  fields.set("reason", miss.was_reached ? "not-able" : "not-reached");
  if (miss.was_reached) fields.set("seq", miss.seq);
}

void write_point(Text *text, const ChoicePoint &point) {
  JsonObject fields(text);
  set_deviation(&fields, point.taken);
  write_values(fields.member("able"), point.able);
  fields.set("usual", point.usual);
  fields.set("preempts", point.preempts);
  fields.set("seq", point.seq);
}

void write_trace(Text *text, const Run &run) {
  const TraceRecord &trace = run.trace();
  const Shadow &shadow = run.shadow();
  JsonObject fields(text);
  fields.set("version", kTraceVersion);
  write_processes(fields.member("processes"), trace);
  append_json_list(fields.member("queues"), shadow.queues(),
                   [&](const ShadowQueue &queue) { write_queue(text, queue); });
  append_json_list(fields.member("segments"), shadow.segments(),
                   [&](const ShadowSegment &segment) { write_segment(text, segment); });
  append_json_list(fields.member("semaphores"), shadow.semaphores(),
                   [&](const ShadowSemaphores &set) { write_semaphores(text, set); });
  append_json_list(fields.member("messages"), shadow.messages(),
                   [&](const ShadowMessage &message) { write_message(text, message); });
  if (trace.files)
    append_json_list(fields.member("files"), *trace.files, [&](const FileRecord &file) { write_file(text, file); });
  int seq = 0;
  append_json_list(fields.member("events"), trace.events,
                   [&](const Event &event) { write_event(text, event, "seq", seq++); });
  write_end(fields.member("end"), trace.end);
  append_json_list(fields.member("deviations"), trace.deviations, [&](const Deviation &deviation) {
    JsonObject each(text);
    set_deviation(&each, deviation);
  });
  const auto write_one = [&](const InjectionOutcome &outcome) { write_outcome(text, outcome); };
  append_json_list(fields.member("injections"), trace.injections, write_one);
  append_json_list(fields.member("faults"), trace.faults, write_one);
  append_json_list(fields.member("misses"), trace.misses, [&](const DeviationMiss &miss) { write_miss(text, miss); });
  if (run.plan().record_points)
    append_json_list(fields.member("points"), trace.points,
                     [&](const ChoicePoint &point) { write_point(text, point); });
  fields.set("choices", trace.choices);
}

constexpr int kHistoryVersion = 2;  // HISTORY_VERSION in native/src/history.ts

void write_status(Text *text, const QueueStatus &status) {
  JsonObject fields(text);
  fields.set("mode", status.mode);
  fields.set("messages", status.messages);
  fields.set("bytes", status.bytes);
  fields.set("maxBytes", status.max_bytes);
}

void write_typed_message(Text *text, long mtype, const std::string &bytes) {
  JsonObject fields(text);
  fields.set("mtype", mtype);
  append_base64(fields.member("data"), bytes);
}

void write_history_call(Text *text, const Event &event) {
  JsonObject fields(text);
  fields.set("kind", "call");
  fields.set("process", event.process);
  fields.set("name", event.name);
  write_args(fields.member("args"), event.args);
  fields.set("entered", event.entered);
  set_index_or_null(&fields, "returned", event.returned);
  fields.set("result", event.result);
  if (event.error) fields.set("error", errno_name(event.error));
  set_index(&fields, "target", event.target);
  if (event.forced) fields.set("forced", true);
  if (event.thread) fields.set("thread", event.thread);
  if (event.in_handler) fields.set("inHandler", signal_name(event.in_handler));
  if (event.args.mtype) append_base64(fields.member("data"), event.bytes);
  if (event.status) write_status(fields.member("status"), *event.status);
  if (!event.values.empty()) write_values(fields.member("values"), event.values);
}

void write_decoy(Text *text, const ShadowQueue &queue, const Shadow &decoys) {
  JsonObject fields(text);
  fields.set("id", queue.id);
  fields.set("key", queue.key);
  fields.set("mode", queue.mode);
  append_json_list(fields.member("messages"), queue.pending, [&](int place) {
    const ShadowMessage &message = decoys.messages()[static_cast<size_t>(place)];
    write_typed_message(text, message.mtype, message.bytes);
  });
}

void write_left_queue(Text *text, const LeftQueue &queue) {
  JsonObject fields(text);
  fields.set("id", queue.id);
  fields.set("key", queue.key);
  write_status(fields.member("status"), queue.status);
  append_json_list(fields.member("messages"), queue.messages, [&](const std::pair<long, std::string> &message) {
    write_typed_message(text, message.first, message.second);
  });
}

void write_left(Text *text, const Left &left) {
  JsonObject fields(text);
  append_json_list(fields.member("queues"), left.queues,
                   [&](const LeftQueue &queue) { write_left_queue(text, queue); });
  write_values(fields.member("segments"), left.segments);
  write_values(fields.member("semaphores"), left.semaphores);
}

void write_history(Text *text, const Run &run) {
  const TraceRecord &trace = run.trace();
  const Shadow &decoys = run.shadow();
  JsonObject fields(text);
  fields.set("version", kHistoryVersion);
  write_processes(fields.member("processes"), trace);
  append_json_list(fields.member("decoys"), decoys.queues(),
                   [&](const ShadowQueue &queue) { write_decoy(text, queue, decoys); });
  append_json_list(fields.member("events"), trace.events, [&](const Event &event) {
    if (event.kind == Event::Kind::Call) {
      write_history_call(text, event);
    } else {
      write_event(text, event, "at", event.returned);
    }
  });
  write_left(fields.member("left"), trace.left);
  write_end(fields.member("end"), trace.end);
}

}  // namespace

std::string write_trace(const Run &run) {
  std::string text;
  write_trace(&text, run);
  return text;
}

std::string write_history(const Run &run) {
  std::string text;
  write_history(&text, run);
  return text;
}

}  // namespace ipclab
