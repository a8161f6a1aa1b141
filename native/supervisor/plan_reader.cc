#include "plan_reader.h"

#include <cstring>

#include "signal_names.h"

namespace ipclab {
namespace {

std::string text(const Napi::Object &object, const char *name) {
  const Napi::Value value = object.Get(name);
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

double number(const Napi::Object &object, const char *name, double otherwise = 0) {
  const Napi::Value value = object.Get(name);
  return value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : otherwise;
}

template <class T, class Read>
std::vector<T> list(const Napi::Object &object, const char *name, Read read) {
  std::vector<T> found;
  const Napi::Value value = object.Get(name);
  if (!value.IsArray()) return found;
  const Napi::Array array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) found.push_back(read(array.Get(i)));
  return found;
}

std::string as_text(const Napi::Value &value) {
  return value.ToString().Utf8Value();
}

// Bytes of a base64 text; Node's own decoder, so that there is one notion of base64.
std::string bytes_of_base64(const Napi::Value &value) {
  const Napi::Object buffer = value.Env().Global().Get("Buffer").As<Napi::Object>();
  const Napi::Value bytes =
      buffer.Get("from").As<Napi::Function>().Call(buffer, {value, Napi::String::New(value.Env(), "base64")});
  const auto decoded = bytes.As<Napi::Buffer<char>>();
  return {decoded.Data(), decoded.Length()};
}

ProcessPlan read_process(const Napi::Value &value) {
  const Napi::Object object = value.As<Napi::Object>();
  const Napi::Object program = object.Get("program").As<Napi::Object>();
  ProcessPlan process;
  process.name = text(object, "name");
  process.role = text(object, "role");
  process.typescript = text(program, "kind") == "typescript";
  process.bundle = static_cast<int>(number(program, "bundle"));
  process.executable = text(program, "path");
  process.args = list<std::string>(object, "args", as_text);
  const Napi::Object env = object.Get("env").As<Napi::Object>();
  const Napi::Array names = env.GetPropertyNames();
  for (uint32_t i = 0; i < names.Length(); i++) {
    const Napi::Value name = names.Get(i);
    process.env[as_text(name)] = as_text(env.Get(name));
  }
  process.standard_input = text(object, "stdin");
  const auto read_gate = [](const Napi::Value &each) {
    const Napi::Object gate = each.As<Napi::Object>();
    return Gate{text(gate, "process"), text(gate, "call"), static_cast<int>(number(gate, "times", 1))};
  };
  process.after = list<Gate>(object, "after", read_gate);
  const Napi::Value after = object.Get("after");
  if (after.IsObject() && !after.IsArray()) process.after = {read_gate(after)};
  return process;
}

Placement read_placement(const std::string &name) {
  return name == "entry"     ? Placement::Entry
         : name == "blocked" ? Placement::Blocked
         : name == "after"   ? Placement::After
                             : Placement::Before;
}

StrategyKind read_strategy(const Napi::Object &strategy) {
  const std::string name = text(strategy, "kind");
  if (name == "default") return StrategyKind::Default;
  if (name == "random") return StrategyKind::Random;
  if (name == "pct") return StrategyKind::Pct;
  if (name == "pos") return StrategyKind::Pos;
  if (name == "free") return StrategyKind::Free;
  throw Napi::RangeError::New(strategy.Env(), "strategy.kind: there is no strategy '" + name + "'");
}

}  // namespace

Plan read_plan(const Napi::Object &object) {
  Plan plan;
  plan.processes = list<ProcessPlan>(object, "processes", read_process);
  const Napi::Object strategy = object.Get("strategy").As<Napi::Object>();
  plan.strategy = read_strategy(strategy);
  plan.seed = static_cast<uint64_t>(number(strategy, "seed"));
  plan.depth = static_cast<int>(number(strategy, "depth", 1));
  plan.expected_choices = std::max(1, static_cast<int>(number(strategy, "choices", 1)));
  plan.deviations = list<Deviation>(object, "deviations", [](const Napi::Value &value) {
    const Napi::Object each = value.As<Napi::Object>();
    return Deviation{text(each, "at"), static_cast<int>(number(each, "call")), text(each, "to")};
  });
  plan.injections = list<Injection>(object, "injections", [](const Napi::Value &value) {
    const Napi::Object each = value.As<Napi::Object>();
    return Injection{signal_number(text(each, "signal")),    text(each, "process"),
                     static_cast<int>(number(each, "call")), read_placement(text(each, "placement")),
                     each.Get("group").ToBoolean(),          list<std::string>(each, "also", as_text)};
  });
  plan.faults = list<CallFault>(object, "faults", [](const Napi::Value &value) {
    const Napi::Object each = value.As<Napi::Object>();
    return CallFault{text(each, "process"), static_cast<int>(number(each, "call")), errno_number(text(each, "effect"))};
  });
  plan.record_points = object.Get("recordPoints").ToBoolean();
  plan.places = object.Get("places").ToBoolean();
  plan.stops = list<Stop>(object, "stops", [](const Napi::Value &value) {
    const Napi::Object each = value.As<Napi::Object>();
    return Stop{text(each, "process"), signal_number(text(each, "signal"))};
  });
  const Napi::Object limits = object.Get("limits").As<Napi::Object>();
  plan.limits.wall_ms = number(limits, "wallMs");
  plan.limits.cpu_ms = number(limits, "cpuMs");
  plan.limits.memory_bytes = static_cast<uint64_t>(number(limits, "memoryBytes"));
  plan.limits.output_bytes = static_cast<uint64_t>(number(limits, "outputBytes"));
  plan.limits.file_bytes = static_cast<uint64_t>(number(limits, "fileBytes"));
  plan.limits.processes = static_cast<int>(number(limits, "processes"));
  plan.limits.steps = static_cast<int>(number(limits, "steps"));
  plan.folder = text(object, "folder");
  plan.readable = list<std::string>(object, "readable", as_text);
  plan.decoys = list<Decoy>(object, "decoys", [](const Napi::Value &value) {
    const Napi::Object each = value.As<Napi::Object>();
    Decoy decoy;
    decoy.key = static_cast<int>(number(each, "key"));
    decoy.mode = static_cast<int>(number(each, "mode"));
    decoy.messages = list<DecoyMessage>(each, "messages", [](const Napi::Value &message) {
      const Napi::Object fields = message.As<Napi::Object>();
      return DecoyMessage{static_cast<long>(number(fields, "mtype")), bytes_of_base64(fields.Get("data"))};
    });
    return decoy;
  });
  plan.queue_bytes = static_cast<long>(number(object, "queueBytes"));
  plan.burnt_ids = static_cast<int>(number(object, "burntIds", 1));
  plan.pty = object.Get("pty").ToBoolean();
  // Where nobody is held, nobody would look.
  plan.file_calls = object.Get("fileCalls").ToBoolean() && plan.strategy != StrategyKind::Free;
  plan.signal_calls = object.Get("signalCalls").ToBoolean() && plan.strategy != StrategyKind::Free;
  return plan;
}

}  // namespace ipclab
