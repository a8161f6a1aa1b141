#include "scheduler.h"

namespace ipclab {

Scheduler::Scheduler(const Plan &plan) : plan_(plan), state_(plan.seed) {}

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

// Run on until blocked, then the one that started first. One that polled in vain goes to the end of the row, or busy
// waiting would never let the others do what it waits for.
size_t Scheduler::default_choice(const std::vector<Candidate> &candidates, const std::string &at, bool yielded) const {
  for (size_t i = 0; i < candidates.size(); i++) {
    if (candidates[i].name == at) return yielded ? (i + 1) % candidates.size() : i;
  }
  return 0;
}

int Scheduler::choose(const std::vector<Candidate> &candidates, const std::string &at, int turn, bool yielded) {
  if (candidates.size() == 1) return candidates[0].task;
  choices_++;
  const size_t usual = default_choice(candidates, at, yielded);
  size_t chosen = usual;
  if (plan_.strategy == StrategyKind::Random) chosen = draw(candidates.size());
  for (size_t i = next_deviation_; i < plan_.deviations.size(); i++) {
    const Deviation &deviation = plan_.deviations[i];
    if (deviation.at != at || deviation.call != turn) continue;
    next_deviation_ = i + 1;
    for (size_t k = 0; k < candidates.size(); k++) {
      if (candidates[k].name == deviation.to) chosen = k;
    }
    break;
  }
  if (chosen != usual) deviations_.push_back({at, turn, candidates[chosen].name});
  return candidates[chosen].task;
}

}  // namespace ipclab
