// Who moves next. Pure: the same candidates in the same order give the same choices.
#pragma once
#include <string>
#include <vector>

#include "plan.h"

namespace ipclab {

struct Candidate {
  int task;          // the run's number of the thread
  std::string name;  // `client#1`, or `client#1+2` for its second further thread
};

class Scheduler {
 public:
  explicit Scheduler(const Plan &plan);

  // The point of choice: the thread that moved last (its name, its turns so far), and whether its last call was a
  // failed attempt (a poll that found nothing), after which others go first. `candidates` are in order of their start.
  int choose(const std::vector<Candidate> &candidates, const std::string &at, int turn, bool yielded);

  const std::vector<Deviation> &deviations() const { return deviations_; }
  int choices() const { return choices_; }

 private:
  size_t default_choice(const std::vector<Candidate> &candidates, const std::string &at, bool yielded) const;
  uint64_t next_random();
  size_t draw(size_t bound);

  const Plan &plan_;
  uint64_t state_;
  size_t next_deviation_ = 0;
  int choices_ = 0;
  std::vector<Deviation> deviations_;
};

}  // namespace ipclab
