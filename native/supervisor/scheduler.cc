#include "scheduler.h"

#include <algorithm>

namespace ipclab {
namespace {

// So often in a row one thread may be preferred to others that could move. Then chance decides once: what it does may
// be a loop that waits for them.
constexpr int kPatience = 100;

}  // namespace

Scheduler::Scheduler(const Plan &plan)
    : plan_(plan), state_(plan.seed), fates_(plan.deviations.size(), {Fate::Open, 0}) {
  if (plan.strategy != StrategyKind::Pct) return;
  const size_t wanted = static_cast<size_t>(std::min(plan.depth - 1, plan.expected_choices));
  while (change_points_.size() < wanted)
    change_points_.insert(1 + static_cast<int>(draw(static_cast<size_t>(plan.expected_choices))));
}

// SplitMix64 (Steele, Lea, Flood 2014): any seed is a good seed, and the sequence is the same on every machine.
uint64_t Scheduler::next_random() {
  uint64_t z = (state_ += 0x9e3779b97f4a7c15ull);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

// Below `bound`: by the high bits, scaled.
size_t Scheduler::draw(size_t bound) {
  return static_cast<size_t>(((next_random() >> 32) * bound) >> 32);
}

// Above all that were lowered.
int64_t Scheduler::next_high() {
  return static_cast<int64_t>(next_random() >> 2);
}

// Run on until blocked, then the one that started first. One that polled in vain goes to the end of the row, or busy
// waiting would never let the others do what it waits for. Sleepers sleep until all others wait; then the first to
// wake.
size_t Scheduler::default_choice(const std::vector<Candidate> &candidates, const std::string &at, bool yielded) const {
  std::vector<size_t> awake;
  size_t first_due = 0;
  for (size_t i = 0; i < candidates.size(); i++) {
    if (candidates[i].task < 0) continue;  // a signal comes into the call, not before it
    if (candidates[i].due_ms < 0) awake.push_back(i);
    if (candidates[i].due_ms < candidates[first_due].due_ms) first_due = i;
  }
  if (awake.empty()) return first_due;
  for (size_t i = 0; i < awake.size(); i++) {
    if (candidates[awake[i]].name == at) return yielded ? awake[(i + 1) % awake.size()] : awake[i];
  }
  return awake[0];
}

size_t Scheduler::highest(const std::vector<Candidate> &candidates) {
  size_t best = 0;
  for (size_t i = 1; i < candidates.size(); i++) {
    if (priorities_[candidates[i].task] > priorities_[candidates[best].task]) best = i;
  }
  return best;
}

// PCT. A poll in vain is a yield, so is a sleep: it falls to the lowest.
size_t Scheduler::change_priorities(const std::vector<Candidate> &candidates, const std::string &at, bool yielded) {
  for (const Candidate &candidate : candidates) {
    if (candidate.due_ms >= 0 || (yielded && candidate.name == at)) priorities_[candidate.task] = next_low();
  }
  if (change_points_.count(choices_)) priorities_[candidates[highest(candidates)].task] = next_low();
  return highest(candidates);
}

// POS.
void Scheduler::redraw_racing(const std::vector<Candidate> &candidates, size_t chosen) {
  for (size_t i = 0; i < candidates.size(); i++) {
    if (i == chosen || race(candidates[i], candidates[chosen])) priorities_[candidates[i].task] = next_high();
  }
}

size_t Scheduler::strategic_choice(const std::vector<Candidate> &candidates, const std::string &at, bool yielded,
                                   size_t usual) {
  if (plan_.strategy == StrategyKind::Default || plan_.strategy == StrategyKind::Free) return usual;
  if (plan_.strategy == StrategyKind::Random) return draw(candidates.size());
  for (const Candidate &candidate : candidates) {
    if (!priorities_.count(candidate.task)) priorities_[candidate.task] = next_high();
  }
  size_t chosen = 0;
  if (plan_.strategy == StrategyKind::Pct) {
    chosen = change_priorities(candidates, at, yielded);
  } else {
    for (const Candidate &candidate : candidates) {
      if (yielded && candidate.name == at) priorities_[candidate.task] = next_low();
    }
    chosen = highest(candidates);
  }
  in_a_row_ = candidates[chosen].task == favourite_ ? in_a_row_ + 1 : 0;
  favourite_ = candidates[chosen].task;
  if (in_a_row_ > kPatience) {
    chosen = draw(candidates.size());
    in_a_row_ = 0;
  }
  if (plan_.strategy == StrategyKind::Pos) redraw_racing(candidates, chosen);
  return chosen;
}

size_t Scheduler::planned_choice(const std::vector<Candidate> &candidates, const std::string &at, int turn, int seq,
                                 size_t otherwise) {
  for (size_t i = 0; i < plan_.deviations.size(); i++) {
    const Deviation &deviation = plan_.deviations[i];
    if (fates_[i].first != Fate::Open || deviation.at != at || deviation.call != turn) continue;
    for (size_t k = 0; k < candidates.size(); k++) {
      if (candidates[k].name != deviation.to) continue;
      fates_[i].first = Fate::Taken;
      return k;
    }
    fates_[i] = {Fate::NotAble, seq};
  }
  return otherwise;
}

int Scheduler::choose(const std::vector<Candidate> &candidates, const std::string &at, int turn, bool yielded,
                      int seq) {
  if (candidates.size() == 1) {
    planned_choice(candidates, at, turn, seq, 0);
    return candidates[0].task;
  }
  choices_++;
  const size_t usual = default_choice(candidates, at, yielded);
  const size_t chosen = planned_choice(candidates, at, turn, seq, strategic_choice(candidates, at, yielded, usual));
  const Deviation taken{at, turn, candidates[chosen].name};
  if (chosen != usual) deviations_.push_back(taken);
  if (plan_.record_points) {
    ChoicePoint point{taken, {}, candidates[usual].name, false, seq};
    for (const Candidate &candidate : candidates) {
      point.able.push_back(candidate.name);
      if (candidate.name == at && !yielded && candidate.due_ms < 0) point.preempts = true;
    }
    points_.push_back(std::move(point));
  }
  return candidates[chosen].task;
}

std::vector<DeviationMiss> Scheduler::misses() const {
  std::vector<DeviationMiss> found;
  for (size_t i = 0; i < fates_.size(); i++) {
    if (fates_[i].first == Fate::Open) found.push_back({static_cast<int>(i), false, 0});
    if (fates_[i].first == Fate::NotAble) found.push_back({static_cast<int>(i), true, fates_[i].second});
  }
  return found;
}

bool race(const Candidate &one, const Candidate &other) {
  const Access &a = one.access, &b = other.access;
  if (a.kind == Access::Kind::Process && a.object == other.process) return true;
  if (b.kind == Access::Kind::Process && b.object == one.process) return true;
  if (a.kind != b.kind || a.kind == Access::Kind::Nothing || a.object != b.object) return false;
  return a.only_type == 0 || b.only_type == 0 || a.only_type == b.only_type;
}

}  // namespace ipclab
