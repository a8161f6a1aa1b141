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
  std::vector<Gate> after;  // all of them
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
  bool group = false;             // all others get it, too
  std::vector<std::string> also;  // those do
};

struct CallFault {
  std::string process;
  int call = 0;
  int error = 0;  // 0: the queue that the call is about is removed just before it
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

enum class StrategyKind { Default, Random, Pct, Pos, Free };

struct Plan {
  std::vector<ProcessPlan> processes;
  StrategyKind strategy = StrategyKind::Default;
  uint64_t seed = 0;
  int depth = 1, expected_choices = 1;  // Pct
  std::vector<Deviation> deviations;
  std::vector<Injection> injections;
  std::vector<CallFault> faults;
  bool record_points = false;
  bool places = false;  // of calls in the students' sources
  std::vector<Stop> stops;
  PlanLimits limits;
  std::string folder;
  std::vector<std::string> readable;
  std::vector<Decoy> decoys;
  long queue_bytes = 0;
  int burnt_ids = 1;
  bool pty = false;
  bool file_calls = false;
  bool signal_calls = false;
};

}  // namespace ipclab
