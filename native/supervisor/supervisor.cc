// The addon's face: plans in, traces out, and the zygote's few calls. Loaded in the engine and in the zygote.
#include <dlfcn.h>
#include <fcntl.h>
#include <napi.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "affinity.h"
#include "fault.h"
#include "plan_reader.h"
#include "probe.h"
#include "run.h"
#include "signal_names.h"
#include "trace_writer.h"
#include "zygote.h"

namespace ipclab {
namespace {

Zygotes &zygotes() {
  static Zygotes both;
  return both;
}

// Beside this library.
std::string exec_zygote() {
  Dl_info library;
  if (dladdr(reinterpret_cast<void *>(&exec_zygote), &library) == 0) throw Fault("dladdr", EPROTO);
  const std::string file = library.dli_fname;
  return file.substr(0, file.rfind('/') + 1) + "exec-zygote";
}

void start_zygote_of_executables(const Plan &plan) {
  const auto is_executable = [](const ProcessPlan &process) { return !process.typescript; };
  if (zygotes().executables.running() || std::none_of(plan.processes.begin(), plan.processes.end(), is_executable))
    return;
  zygotes().executables.start({exec_zygote()}, {});
}

Launch &launch_of_zygote() {
  static Launch launch;
  return launch;
}

// Every fault leaves as a JavaScript Error with `code` (an errno's name, or EFAULT_OURS) and the sentence.
template <class Work>
Napi::Value guarded(Napi::Env env, Work work) {
  try {
    return work();
  } catch (const Fault &fault) {
    Napi::Error error = Napi::Error::New(env, fault.what());
    error.Value().Set("code", fault.error() ? errno_name(fault.error()) : std::string("EPROTO"));
    throw error;
  }
}

std::vector<std::string> texts(const Napi::Value &value) {
  std::vector<std::string> found;
  const Napi::Array array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) found.push_back(array.Get(i).ToString().Utf8Value());
  return found;
}

Napi::Value write_texts(Napi::Env env, const std::vector<std::string> &list) {
  Napi::Array array = Napi::Array::New(env, list.size());
  for (size_t i = 0; i < list.size(); i++) array.Set(static_cast<uint32_t>(i), list[i]);
  return array;
}

// startZygote(command: string[], env: string[]): the zygote of TypeScript roles; an earlier one is ended.
Napi::Value start_zygote(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    zygotes().scripts.start(texts(info[0]), texts(info[1]));
    return info.Env().Undefined();
  });
}

Napi::Value stop_zygote(const Napi::CallbackInfo &info) {
  zygotes().scripts.stop();
  zygotes().executables.stop();
  return info.Env().Undefined();
}

// run(plan: RunPlan): the JSON of a Trace
Napi::Value run(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const Plan plan = read_plan(info[0].As<Napi::Object>());
    start_zygote_of_executables(plan);
    Run one(plan, zygotes());
    one.execute();
    return Napi::String::New(info.Env(), write_trace(one));
  });
}

// runFreely(plan: RunPlan): the JSON of a FreeHistory
Napi::Value run_freely(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const Plan plan = read_plan(info[0].As<Napi::Object>());
    start_zygote_of_executables(plan);
    Run one(plan, zygotes());
    one.execute();
    return Napi::String::New(info.Env(), write_history(one));
  });
}

// dieWithParent(): when the process that started this one ends, however, so does this one.
Napi::Value die_with_parent(const Napi::CallbackInfo &info) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return info.Env().Undefined();
}

// pinTo(cpu)
Napi::Value pin_to_face(const Napi::CallbackInfo &info) {
  pin_to(info[0].As<Napi::Number>().Int32Value());
  return info.Env().Undefined();
}

// leaveNetwork(): false where it is refused.
Napi::Value leave_network_face(const Napi::CallbackInfo &info) {
  return Napi::Boolean::New(info.Env(), leave_network());
}

// leaveIpc(): false where it is refused.
Napi::Value leave_ipc_face(const Napi::CallbackInfo &info) {
  return Napi::Boolean::New(info.Env(), leave_ipc());
}

Napi::Value announce(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    zygote_announce();
    return info.Env().Undefined();
  });
}

// receive(): { bundle, args, env } of the next role to fork, or null when the engine is gone.
Napi::Value receive(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    launch_of_zygote() = Launch();
    if (!zygote_receive(&launch_of_zygote())) return info.Env().Null();
    Napi::Object request = Napi::Object::New(info.Env());
    request.Set("bundle", launch_of_zygote().bundle);
    request.Set("folder", launch_of_zygote().confinement.folder);
    request.Set("places", launch_of_zygote().places);
    request.Set("args", write_texts(info.Env(), launch_of_zygote().args));
    request.Set("env", write_texts(info.Env(), launch_of_zygote().env));
    return request;
  });
}

Napi::Value answer(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    zygote_answer(launch_of_zygote(), info[0].As<Napi::Number>().Int32Value());
    return info.Env().Undefined();
  });
}

// writeBoard(text): what is cut is of no use, so a text that is too long is cut.
Napi::Value write_board(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::string text = info[0].As<Napi::String>().Utf8Value();
    const size_t size = std::min(text.size(), kPlaceBoardBytes - 1);
    memcpy(place_board(), text.data(), size);
    place_board()[size] = '\0';
    return info.Env().Undefined();
  });
}

bool is_child_of_zygote = false;
int real_stderr = 2;

Napi::Value begin(const Napi::CallbackInfo &info) {
  is_child_of_zygote = true;
  if (real_stderr > 2) close(real_stderr);
  zygote_begin(launch_of_zygote());
  return info.Env().Undefined();
}

Napi::Value is_child(const Napi::CallbackInfo &info) {
  return Napi::Boolean::New(info.Env(), is_child_of_zygote);
}

Napi::Value is_terminal(const Napi::CallbackInfo &info) {
  return Napi::Boolean::New(info.Env(), isatty(info[0].As<Napi::Number>().Int32Value()) == 1);
}

Napi::Value get_real_stderr(const Napi::CallbackInfo &info) {
  return Napi::Number::New(info.Env(), real_stderr);
}

// openScratchOutput(): a pipe takes the place of stdout and stderr while the zygote warms up; answers its reading end.
Napi::Value open_scratch_output(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    int ends[2];
    real_stderr = fcntl(2, F_DUPFD_CLOEXEC, 3);
    if (pipe2(ends, O_CLOEXEC) != 0) throw Fault("pipe for the zygote's warm-up", errno);
    dup2(ends[1], 1);
    dup2(ends[1], 2);
    close(ends[1]);
    return Napi::Number::New(info.Env(), ends[0]);
  });
}

Napi::Value probe_face(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value { return probe(info.Env()); });
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  const struct {
    const char *name;
    Napi::Value (*function)(const Napi::CallbackInfo &);
  } table[] = {{"startZygote", start_zygote},
               {"stopZygote", stop_zygote},
               {"run", run},
               {"runFreely", run_freely},
               {"dieWithParent", die_with_parent},
               {"announce", announce},
               {"receive", receive},
               {"answer", answer},
               {"begin", begin},
               {"writeBoard", write_board},
               {"isChild", is_child},
               {"isTerminal", is_terminal},
               {"openScratchOutput", open_scratch_output},
               {"realStderr", get_real_stderr},
               {"probe", probe_face},
               {"pinTo", pin_to_face},
               {"leaveNetwork", leave_network_face},
               {"leaveIpc", leave_ipc_face}};
  for (const auto &row : table) exports.Set(row.name, Napi::Function::New(env, row.function, row.name));
  return exports;
}

}  // namespace
}  // namespace ipclab

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  return ipclab::init(env, exports);
}
NODE_API_MODULE(supervisor, Init)
