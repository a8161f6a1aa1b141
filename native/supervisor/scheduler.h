// Who moves next. Pure: the same candidates in the same order give the same choices.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "plan.h"
#include "trace.h"

namespace ipclab {

// What a held call is about: two calls race if their order can matter to either.
struct Access {
  enum class Kind { Nothing, Queue, Semaphores, Segment, Key, Process, Files };
  Kind kind = Kind::Nothing;
  int object = -1;     // its place in the shadow; a key; a process
  long only_type = 0;  // of a queue: the one type that a receive can take, 0: any
};

struct Candidate {
  int task;          // the run's number of the thread, or signal_of it
  std::string name;  // `client#1`, or `client#1+2` for its second further thread; `client#1+signal`
  int process = -1;
  Access access;
  double due_ms = -1;  // of a sleeper: when it would wake up by itself; else -1
};

// Not the thread moves on, but a signal comes to it before it does. The one way and the other.
constexpr int signal_of(int task) {
  return -2 - task;
}
constexpr const char *kSignalSuffix = "+signal";

class Scheduler {
 public:
  explicit Scheduler(const Plan &plan);

  // The point of choice: the thread that moved last (its name, its turns so far), and whether its last call was a
  // failed attempt (a poll that found nothing), after which others go first. `candidates` are in order of their start.
  // `seq`: number of events so far.
  int choose(const std::vector<Candidate> &candidates, const std::string &at, int turn, bool yielded, int seq = 0);

  const std::vector<Deviation> &deviations() const { return deviations_; }
  const std::vector<ChoicePoint> &points() const { return points_; }
  int choices() const { return choices_; }
  // Planned deviations that have not come about so far.
  std::vector<DeviationMiss> misses() const;

 private:
  size_t default_choice(const std::vector<Candidate> &candidates, const std::string &at, bool yielded) const;
  size_t strategic_choice(const std::vector<Candidate> &candidates, const std::string &at, bool yielded, size_t usual);
  size_t planned_choice(const std::vector<Candidate> &candidates, const std::string &at, int turn, int seq,
                        size_t otherwise);
  size_t highest(const std::vector<Candidate> &candidates);
  size_t change_priorities(const std::vector<Candidate> &candidates, const std::string &at, bool yielded);
  void redraw_racing(const std::vector<Candidate> &candidates, size_t chosen);
  int64_t next_high();
  int64_t next_low() { return --lowest_; }
  uint64_t next_random();
  size_t draw(size_t bound);

  const Plan &plan_;
  uint64_t state_;
  std::map<int, int64_t> priorities_;  // by task
  int64_t lowest_ = 0;
  std::set<int> change_points_;  // numbers of choices, from 1
  int favourite_ = -1, in_a_row_ = 0;
  enum class Fate : uint8_t { Open, Taken, NotAble };
  std::vector<std::pair<Fate, int>> fates_;  // of the planned deviations, with the number of events
  int choices_ = 0;
  std::vector<Deviation> deviations_;
  std::vector<ChoicePoint> points_;
};

// Can the order of the two matter?
bool race(const Candidate &one, const Candidate &other);

}  // namespace ipclab
