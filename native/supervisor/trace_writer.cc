#include "trace_writer.h"

#include <sys/sem.h>

#include <map>

#include "signal_names.h"

namespace ipclab {
namespace {

constexpr int kTraceVersion = 5;  // TRACE_VERSION in native/src/trace.ts
const char *const kPlacements[] = {"before", "entry", "blocked", "after"};

// Names of properties, each made once a trace: most of a trace's cost would be making them again for every event.
class Names {
 public:
  explicit Names(Napi::Env env) : env_(env) {}
  napi_value get(const char *name) {
    napi_value &known = names_[name];
    if (!known) napi_create_string_utf8(env_, name, NAPI_AUTO_LENGTH, &known);
    return known;
  }

 private:
  Napi::Env env_;
  std::map<const char *, napi_value> names_;  // literals: their addresses will do
};

Names *names_of_trace = nullptr;

// An object under construction: `set_if` and the like leave a property out where its value is absent.
class Fields {
 public:
  explicit Fields(Napi::Env env) : env_(env) { napi_create_object(env, &object_); }
  void set(const char *name, napi_value value) { napi_set_property(env_, object_, names_of_trace->get(name), value); }
  void set(const char *name, int value) {
    napi_value number;
    napi_create_int32(env_, value, &number);
    set(name, number);
  }
  void set(const char *name, double value) {
    napi_value number;
    napi_create_double(env_, value, &number);
    set(name, number);
  }
  void set(const char *name, bool value) {
    napi_value boolean;
    napi_get_boolean(env_, value, &boolean);
    set(name, boolean);
  }
  void set(const char *name, const char *literal) { set(name, names_of_trace->get(literal)); }
  void set(const char *name, const std::string &text) {
    napi_value string;
    napi_create_string_utf8(env_, text.data(), text.size(), &string);
    set(name, string);
  }
  void set_if(const char *name, const std::optional<long> &value) {
    if (value) set(name, static_cast<double>(*value));
  }
  void set_if(const char *name, const std::string &value) {
    if (!value.empty()) set(name, value);
  }
  // An index: absent when negative.
  void set_index(const char *name, int value) {
    if (value >= 0) set(name, value);
  }
  void set_or_null(const char *name, int value) {
    if (value >= 0) {
      set(name, value);
    } else {
      set(name, static_cast<napi_value>(env_.Null()));
    }
  }
  Napi::Object object() const { return {env_, object_}; }

 private:
  Napi::Env env_;
  napi_value object_;
};

napi_value write_base64(Napi::Env env, const std::string &bytes) {
  const auto copy = Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
  return copy.Get("toString").As<Napi::Function>().Call(copy, {Napi::String::New(env, "base64")});
}

template <class T, class Write>
Napi::Array write_list(Napi::Env env, const std::vector<T> &list, Write write) {
  Napi::Array array = Napi::Array::New(env, list.size());
  for (size_t i = 0; i < list.size(); i++) array.Set(static_cast<uint32_t>(i), write(list[i]));
  return array;
}

Napi::Object write_exit(Napi::Env env, const ProcessExit &exit) {
  Fields fields(env);
  if (exit.signal) {
    fields.set("signal", signal_name(exit.signal));
  } else {
    fields.set("code", exit.code);
  }
  return fields.object();
}

// Those from 1 to 31; the others belong to the library, or to nobody.
constexpr uint64_t kOrdinarySignals = 0x7fffffff;

Napi::Array write_signals(Napi::Env env, uint64_t set) {
  Napi::Array array = Napi::Array::New(env);
  for (int signal = 1; signal <= 31; signal++) {
    if (set >> (signal - 1) & 1) array.Set(array.Length(), Napi::String::New(env, signal_name(signal)));
  }
  return array;
}

Napi::Object write_args(Napi::Env env, const CallArgs &args) {
  Fields fields(env);
  fields.set_if("key", args.key);
  fields.set_if("id", args.id);
  fields.set_if("mode", args.mode);
  fields.set_if("mtype", args.mtype);
  fields.set_if("msgtyp", args.msgtyp);
  fields.set_if("sizeBytes", args.size_bytes);
  fields.set_if("pid", args.pid);
  fields.set_if("seconds", args.seconds);
  fields.set_if("timeoutMs", args.timeout_ms);
  if (args.signal)
    fields.set("signal", *args.signal == 0 ? std::string("0") : signal_name(static_cast<int>(*args.signal)));
  if (args.has_flags)
    fields.set("flags", write_list(env, args.flags,
                                   [&](const char *flag) { return Napi::Value(env, names_of_trace->get(flag)); }));
  fields.set_if("cmd", args.cmd);
  if (*args.disposition) fields.set("disposition", args.disposition);
  if (*args.how) fields.set("how", args.how);
  if (args.signals) fields.set("signals", write_signals(env, *args.signals));
  if (!args.operations.empty()) {
    fields.set("operations", write_list(env, args.operations, [&](const SemOperation &op) {
                 Fields each(env);
                 each.set("num", op.num);
                 each.set("op", op.op);
                 std::vector<const char *> names;
                 if (op.flags & IPC_NOWAIT) names.push_back("IPC_NOWAIT");
                 if (op.flags & SEM_UNDO) names.push_back("SEM_UNDO");
                 each.set("flags", write_list(env, names, [&](const char *name) {
                            return Napi::Value(env, names_of_trace->get(name));
                          }));
                 return each.object();
               }));
  }
  fields.set_if("path", args.path);
  fields.set_if("to", args.to);
  fields.set_if("fd", args.fd);
  fields.set_if("offset", args.offset);
  if (args.data) fields.set("data", write_base64(env, *args.data));
  if (args.status) fields.set("status", write_exit(env, *args.status));
  return fields.object();
}

void write_call(Napi::Env env, const Event &event, Fields *fields) {
  fields->set("kind", "call");
  fields->set("call", event.call);
  fields->set("name", event.name);
  fields->set("args", write_args(env, event.args));
  fields->set("result", static_cast<double>(event.result));
  if (event.error) fields->set("error", errno_name(event.error));
  fields->set("arrived", event.arrived);
  fields->set("waited", event.waited);
  fields->set_index("queue", event.queue);
  fields->set_index("segment", event.segment);
  fields->set_index("semaphores", event.semaphores);
  fields->set_index("message", event.message);
  fields->set_index("target", event.target);
  fields->set_index("file", event.file);
  fields->set_index("replaced", event.replaced);
  if (event.forced) fields->set("forced", true);
  if (event.thread) fields->set("thread", event.thread);
  fields->set_if("place", event.place);
  if (event.in_handler) fields->set("inHandler", signal_name(event.in_handler));
  if (event.blocked & kOrdinarySignals) fields->set("blocked", write_signals(env, event.blocked));
}

void write_signal(const Event &event, Fields *fields) {
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

Napi::Object write_event(Napi::Env env, const Event &event, int seq) {
  Fields fields(env);
  fields.set("seq", seq);
  fields.set("process", event.process);
  switch (event.kind) {
    case Event::Kind::Start:
      fields.set("kind", "start");
      break;
    case Event::Kind::Call:
      write_call(env, event, &fields);
      break;
    case Event::Kind::Signal:
      write_signal(event, &fields);
      break;
    case Event::Kind::Output:
      fields.set("kind", "output");
      fields.set("stream", event.is_stderr ? "stderr" : "stdout");
      fields.set("text", event.text);
      break;
    case Event::Kind::Exit:
      fields.set("kind", "exit");
      fields.set("exit", write_exit(env, event.exit));
      break;
    case Event::Kind::Orphan:
      fields.set("kind", "orphan");
      break;
    case Event::Kind::Removal:
      fields.set("kind", "removal");
      fields.set("queue", event.queue);
      break;
  }
  return fields.object();
}

Napi::Object write_process(Napi::Env env, const ProcessRecord &process) {
  Fields fields(env);
  fields.set("name", process.name);
  fields.set("role", process.role);
  fields.set("pid", process.pid);
  fields.set_or_null("parent", process.parent);
  if (process.exit) {
    fields.set("exit", write_exit(env, *process.exit));
  } else {
    fields.set("exit", static_cast<napi_value>(env.Null()));
  }
  fields.set("endedBySupervisor", process.ended_by_supervisor);
  fields.set("calls", process.calls);
  return fields.object();
}

Napi::Object write_wait(Napi::Env env, const Wait &wait) {
  Fields fields(env);
  fields.set("process", wait.process);
  fields.set("call", wait.call);
  fields.set("name", wait.name);
  fields.set("args", write_args(env, wait.args));
  fields.set("kind", wait.kind);
  fields.set_index("queue", wait.queue);
  fields.set_index("semaphores", wait.semaphores);
  fields.set("certain", wait.certain);
  fields.set_if("place", wait.place);
  if (wait.in_handler) fields.set("inHandler", signal_name(wait.in_handler));
  return fields.object();
}

Napi::Object write_end(Napi::Env env, const RunEnd &end) {
  Fields fields(env);
  fields.set("cause", end.cause);
  fields.set("waits", write_list(env, end.waits, [&](const Wait &wait) { return write_wait(env, wait); }));
  fields.set_index("process", end.process);
  fields.set_if("detail", end.detail);
  return fields.object();
}

Napi::Array write_indices(Napi::Env env, const std::vector<int> &list) {
  return write_list(env, list, [&](int index) { return Napi::Number::New(env, index); });
}

Fields write_object(Napi::Env env, const ShadowObject &object, const char *kind) {
  Fields fields(env);
  fields.set("kind", kind);
  fields.set("id", object.id);
  fields.set("key", object.key);
  fields.set("mode", object.mode);
  fields.set_or_null("creator", object.creator);
  fields.set_or_null("createdAt", object.created_at);
  fields.set_or_null("remover", object.remover);
  fields.set_or_null("removedAt", object.removed_at);
  fields.set("left", object.alive);
  return fields;
}

Napi::Object write_file(Napi::Env env, const FileRecord &file) {
  Fields fields(env);
  fields.set("kind", file.kind);
  fields.set("path", file.path);
  fields.set_or_null("creator", file.creator);
  fields.set_or_null("createdAt", file.created_at);
  if (file.left.empty()) {
    fields.set("left", static_cast<napi_value>(env.Null()));
  } else {
    fields.set("left", file.left);
  }
  if (file.before) fields.set("before", write_base64(env, *file.before));
  if (file.after) fields.set("after", write_base64(env, *file.after));
  return fields.object();
}

Fields write_deviation(Napi::Env env, const Deviation &deviation) {
  Fields fields(env);
  fields.set("at", deviation.at);
  fields.set("call", deviation.call);
  fields.set("to", deviation.to);
  return fields;
}

}  // namespace

Napi::Object write_trace(Napi::Env env, const Run &run) {
  const TraceRecord &trace = run.trace();
  const Shadow &shadow = run.shadow();
  Names names(env);
  names_of_trace = &names;
  Fields fields(env);
  fields.set("version", kTraceVersion);
  fields.set("processes",
             write_list(env, trace.processes, [&](const ProcessRecord &each) { return write_process(env, each); }));
  fields.set("queues", write_list(env, shadow.queues(), [&](const ShadowQueue &queue) {
               Fields each = write_object(env, queue, "queue");
               each.set("pending", write_indices(env, queue.pending));
               each.set("maxBytes", static_cast<double>(queue.qbytes));
               return each.object();
             }));
  fields.set("segments", write_list(env, shadow.segments(), [&](const ShadowSegment &segment) {
               Fields each = write_object(env, segment, "segment");
               each.set("sizeBytes", static_cast<double>(segment.size));
               return each.object();
             }));
  fields.set("semaphores", write_list(env, shadow.semaphores(), [&](const ShadowSemaphores &set) {
               Fields each = write_object(env, set, "semaphores");
               each.set("count", static_cast<double>(set.values.size()));
               return each.object();
             }));
  fields.set("messages", write_list(env, shadow.messages(), [&](const ShadowMessage &message) {
               Fields each(env);
               each.set("queue", message.queue);
               each.set("mtype", static_cast<double>(message.mtype));
               each.set("sizeBytes", static_cast<double>(message.bytes.size()));
               each.set("data", write_base64(env, message.bytes));
               each.set_or_null("sender", message.sender);
               each.set_or_null("sentAt", message.sent_at);
               each.set_or_null("receiver", message.receiver);
               each.set_or_null("receivedAt", message.received_at);
               return each.object();
             }));
  if (trace.files)
    fields.set("files", write_list(env, *trace.files, [&](const FileRecord &file) { return write_file(env, file); }));
  Napi::Array events = Napi::Array::New(env, trace.events.size());
  for (size_t i = 0; i < trace.events.size(); i++)
    events.Set(static_cast<uint32_t>(i), write_event(env, trace.events[i], static_cast<int>(i)));
  fields.set("events", events);
  fields.set("end", write_end(env, trace.end));
  fields.set("deviations", write_list(env, trace.deviations, [&](const Deviation &deviation) {
               return write_deviation(env, deviation).object();
             }));
  const auto write_outcome = [&](const InjectionOutcome &outcome) {
    Fields each(env);
    each.set("status", outcome.status);
    each.set_index("seq", outcome.seq);
    return each.object();
  };
  fields.set("injections", write_list(env, trace.injections, write_outcome));
  fields.set("faults", write_list(env, trace.faults, write_outcome));
  fields.set("misses", write_list(env, trace.misses, [&](const DeviationMiss &miss) {
               Fields each(env);
               each.set("deviation", miss.deviation);
               each.set("reason", miss.was_reached ? "not-able" : "not-reached");
               if (miss.was_reached) each.set("seq", miss.seq);
               return each.object();
             }));
  if (run.plan().record_points)
    fields.set("points", write_list(env, trace.points, [&](const ChoicePoint &point) {
                 Fields each = write_deviation(env, point.taken);
                 each.set("able", write_list(env, point.able,
                                             [&](const std::string &name) { return Napi::String::New(env, name); }));
                 each.set("usual", point.usual);
                 each.set("preempts", point.preempts);
                 each.set("seq", point.seq);
                 return each.object();
               }));
  fields.set("choices", trace.choices);
  return fields.object();
}

namespace {

constexpr int kHistoryVersion = 2;  // HISTORY_VERSION in native/src/history.ts

Napi::Object write_status(Napi::Env env, const QueueStatus &status) {
  Fields fields(env);
  fields.set("mode", status.mode);
  fields.set("messages", static_cast<double>(status.messages));
  fields.set("bytes", static_cast<double>(status.bytes));
  fields.set("maxBytes", static_cast<double>(status.max_bytes));
  return fields.object();
}

Napi::Object write_typed_message(Napi::Env env, long mtype, const std::string &bytes) {
  Fields fields(env);
  fields.set("mtype", static_cast<double>(mtype));
  fields.set("data", write_base64(env, bytes));
  return fields.object();
}

Napi::Object write_history_call(Napi::Env env, const Event &event) {
  Fields fields(env);
  fields.set("kind", "call");
  fields.set("process", event.process);
  fields.set("name", event.name);
  fields.set("args", write_args(env, event.args));
  fields.set("entered", event.entered);
  fields.set_or_null("returned", event.returned);
  fields.set("result", static_cast<double>(event.result));
  if (event.error) fields.set("error", errno_name(event.error));
  fields.set_index("target", event.target);
  if (event.forced) fields.set("forced", true);
  if (event.thread) fields.set("thread", event.thread);
  if (event.in_handler) fields.set("inHandler", signal_name(event.in_handler));
  if (event.args.mtype) fields.set("data", write_base64(env, event.bytes));
  if (event.status) fields.set("status", write_status(env, *event.status));
  if (!event.values.empty())
    fields.set("values", write_list(env, event.values, [&](int value) { return Napi::Number::New(env, value); }));
  return fields.object();
}

Napi::Object write_moment(Napi::Env env, const Event &event) {
  Napi::Object object = write_event(env, event, event.returned);
  object.Set("at", event.returned);
  object.Delete("seq");
  return object;
}

}  // namespace

Napi::Object write_history(Napi::Env env, const Run &run) {
  const TraceRecord &trace = run.trace();
  const Shadow &decoys = run.shadow();
  Names names(env);
  names_of_trace = &names;
  Fields fields(env);
  fields.set("version", kHistoryVersion);
  fields.set("processes",
             write_list(env, trace.processes, [&](const ProcessRecord &each) { return write_process(env, each); }));
  fields.set("decoys", write_list(env, decoys.queues(), [&](const ShadowQueue &queue) {
               Fields each(env);
               each.set("id", queue.id);
               each.set("key", queue.key);
               each.set("mode", queue.mode);
               each.set("messages", write_list(env, queue.pending, [&](int place) {
                          const ShadowMessage &message = decoys.messages()[static_cast<size_t>(place)];
                          return write_typed_message(env, message.mtype, message.bytes);
                        }));
               return each.object();
             }));
  fields.set("events", write_list(env, trace.events, [&](const Event &event) {
               return event.kind == Event::Kind::Call ? write_history_call(env, event) : write_moment(env, event);
             }));
  Fields left(env);
  left.set("queues", write_list(env, trace.left.queues, [&](const LeftQueue &queue) {
             Fields each(env);
             each.set("id", queue.id);
             each.set("key", queue.key);
             each.set("status", write_status(env, queue.status));
             each.set("messages", write_list(env, queue.messages, [&](const std::pair<long, std::string> &message) {
                        return write_typed_message(env, message.first, message.second);
                      }));
             return each.object();
           }));
  left.set("segments", write_indices(env, trace.left.segments));
  left.set("semaphores", write_indices(env, trace.left.semaphores));
  fields.set("left", left.object());
  fields.set("end", write_end(env, trace.end));
  return fields.object();
}

}  // namespace ipclab
