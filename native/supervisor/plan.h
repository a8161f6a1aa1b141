// A run's plan, as native/src/plan.ts describes it. Checked by the harness; read here without second thoughts.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ipclab {

enum class Placement { Before, Entry, Blocked, After };

struct Gate {
  std::string process;
  std::string call;
  int times = 1;
};

struct ProcessPlan {
  std::string name, role;
  bool typescript = false;
  int bundle = 0;          // typescript: the zygote's number of the program
  std::string executable;  // otherwise: an absolute path
  std::vector<std::string> args;
  std::map<std::string, std::string> env;
  std::string standard_input;
  bool gated = false;
  Gate after;
};

struct Deviation {
  std::string at;
  int call = 0;
  std::string to;
};

struct Injection {
  int signal = 0;
  std::string process;
  int call = 0;
  Placement placement = Placement::Before;
};

struct Stop {
  std::string process;
  int signal = 0;
};

struct PlanLimits {
  double wall_ms = 10000, cpu_ms = 5000;
  uint64_t memory_bytes = 512u << 20, output_bytes = 1u << 20, file_bytes = 16u << 20;
  int processes = 64, steps = 5000;
};

struct DecoyMessage {
  long mtype = 1;
  std::string data;
};

struct Decoy {
  int key = 0;
  int mode = 0600;
  std::vector<DecoyMessage> messages;
};

enum class StrategyKind { Default, Random };

struct Plan {
  std::vector<ProcessPlan> processes;
  StrategyKind strategy = StrategyKind::Default;
  uint64_t seed = 0;
  std::vector<Deviation> deviations;
  std::vector<Injection> injections;
  std::vector<Stop> stops;
  PlanLimits limits;
  std::string folder;
  std::vector<std::string> readable;
  std::vector<Decoy> decoys;
  long queue_bytes = 0;
  int burnt_ids = 1;
  bool pty = false;
};

}  // namespace ipclab
