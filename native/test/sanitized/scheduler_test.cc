// Who moves next: the default order, deviations from it, and that a drawn order can be replayed from its deviations.
//
// links: supervisor/scheduler.cc
#include "supervisor/scheduler.h"

#include <map>
#include <random>
#include <set>

#include "check.h"

using namespace ipclab;

namespace {

const std::vector<Candidate> kThree = {{0, "server#1"}, {4, "client#1"}, {5, "client#2"}};

// Threads that are able to move or not by a rule of their own; each step moves one. Answers who moved.
std::vector<int> play(Scheduler *scheduler, uint32_t seed, int steps) {
  std::mt19937 world(seed);
  std::map<std::string, int> turns;
  std::string at;
  std::vector<int> moved;
  for (int step = 0; step < steps; step++) {
    std::vector<Candidate> able;
    while (able.empty()) {
      for (const Candidate &candidate : kThree) {
        if (world() % 3 != 0) able.push_back(candidate);
      }
    }
    const int task = scheduler->choose(able, at, turns[at], world() % 5 == 0);
    moved.push_back(task);
    for (const Candidate &candidate : kThree) {
      if (candidate.task == task) at = candidate.name;
    }
    turns[at]++;
  }
  return moved;
}

std::string shown(const std::vector<Deviation> &deviations) {
  std::string text;
  for (const Deviation &one : deviations) text += one.at + "." + std::to_string(one.call) + ":" + one.to + " ";
  return text;
}

}  // namespace

TEST("by default the one that moved last runs on, else the first; after a poll in vain the next one") {
  const Plan plan;
  Scheduler scheduler(plan);
  CHECK_EQUAL(scheduler.choose(kThree, "", 0, false), 0);
  CHECK_EQUAL(scheduler.choose(kThree, "client#1", 1, false), 4);
  CHECK_EQUAL(scheduler.choose(kThree, "client#1", 2, true), 5);
  CHECK_EQUAL(scheduler.choose(kThree, "client#2", 1, true), 0);
  CHECK_EQUAL(scheduler.choose(kThree, "gone#1", 1, false), 0);
  CHECK_EQUAL(scheduler.choices(), 5);
  CHECK_EQUAL(scheduler.deviations().size(), 0u);
}

TEST("one candidate is no choice") {
  const Plan plan;
  Scheduler scheduler(plan);
  CHECK_EQUAL(scheduler.choose({{7, "client#1"}}, "server#1", 3, true), 7);
  CHECK_EQUAL(scheduler.choices(), 0);
}

TEST("a deviation moves another at its place, and one that cannot be kept is passed over") {
  Plan plan;
  plan.deviations = {{"", 0, "client#2"}, {"server#1", 1, "nobody#1"}, {"server#1", 2, "client#1"}};
  Scheduler scheduler(plan);
  CHECK_EQUAL(scheduler.choose(kThree, "", 0, false), 5);
  CHECK_EQUAL(scheduler.choose(kThree, "server#1", 1, false), 0);
  CHECK_EQUAL(scheduler.choose(kThree, "server#1", 2, false), 4);
  CHECK_EQUAL(shown(scheduler.deviations()), ".0:client#2 server#1.2:client#1 ");
}

TEST("a seed gives the same order each time, and different seeds different ones") {
  std::set<std::vector<int>> orders;
  for (uint64_t seed = 0; seed < 50; seed++) {
    Plan plan;
    plan.strategy = StrategyKind::Random;
    plan.seed = seed;
    Scheduler one(plan), other(plan);
    const std::vector<int> order = play(&one, 1, 30);
    CHECK(order == play(&other, 1, 30));
    orders.insert(order);
  }
  CHECK_EQUAL(orders.size(), 50u);
}

TEST("a drawn order chooses each candidate about as often") {
  Plan plan;
  plan.strategy = StrategyKind::Random;
  plan.seed = 4;
  Scheduler scheduler(plan);
  std::map<int, int> counts;
  for (int i = 0; i < 3000; i++) counts[scheduler.choose(kThree, "", 0, false)]++;
  for (const auto &[task, count] : counts) CHECK(count > 900 && count < 1100);
}

TEST("the deviations of a drawn order replay it on the default order, which then deviates alike") {
  for (uint32_t seed = 0; seed < 200; seed++) {
    Plan drawn;
    drawn.strategy = StrategyKind::Random;
    drawn.seed = seed;
    Scheduler first(drawn);
    const std::vector<int> order = play(&first, seed, 60);
    Plan replayed;
    replayed.deviations = first.deviations();
    Scheduler second(replayed);
    CHECK(order == play(&second, seed, 60));
    CHECK_EQUAL(shown(second.deviations()), shown(first.deviations()));
  }
}

TEST("PCT runs the highest priority on, and lets it fall at depth - 1 choices") {
  for (uint64_t seed = 1; seed <= 200; seed++) {
    Plan plan;
    plan.strategy = StrategyKind::Pct;
    plan.seed = seed;
    plan.depth = 3;
    plan.expected_choices = 12;
    Scheduler scheduler(plan);
    std::string at;
    int switches = 0;
    for (int turn = 0; turn < 12; turn++) {
      const int task = scheduler.choose(kThree, at, turn, false);
      const std::string next = kThree[task == 0 ? 0 : static_cast<size_t>(task - 3)].name;
      switches += !at.empty() && next != at;
      at = next;
    }
    CHECK(switches <= 2);
  }
}

TEST("PCT of depth 2 meets each place of one switch about as often") {
  std::map<int, int> counts;
  const std::vector<Candidate> two = {{0, "a#1"}, {1, "b#1"}};
  for (uint64_t seed = 0; seed < 4000; seed++) {
    Plan plan;
    plan.strategy = StrategyKind::Pct;
    plan.seed = seed;
    plan.depth = 2;
    plan.expected_choices = 8;
    Scheduler scheduler(plan);
    int switched = 0, before = scheduler.choose(two, "", 0, false);
    for (int choice = 2; choice <= 8; choice++) {
      const int task = scheduler.choose(two, before == 0 ? "a#1" : "b#1", choice, false);
      if (task != before) switched = choice;
      before = task;
    }
    counts[switched]++;
  }
  // The first change point is before the first move, and shows no switch.
  CHECK_EQUAL(counts.size(), 8u);
  for (const auto &[choice, count] : counts) CHECK(count > 400 && count < 600);
}

TEST("POS draws anew for what races with the call that was made, and for that only") {
  const Access queue{Access::Kind::Queue, 1, 0}, other{Access::Kind::Queue, 2, 0};
  const Access one{Access::Kind::Queue, 1, 5}, two{Access::Kind::Queue, 1, 6};
  const auto of = [](int process, Access access) { return Candidate{process, "p", process, access}; };
  CHECK(race(of(1, queue), of(2, queue)));
  CHECK(race(of(1, queue), of(2, one)));
  CHECK(!race(of(1, one), of(2, two)));
  CHECK(!race(of(1, queue), of(2, other)));
  CHECK(!race(of(1, {}), of(2, {})));
  CHECK(race(of(1, {Access::Kind::Process, 2, 0}), of(2, {})));
  CHECK(!race(of(1, {Access::Kind::Process, 3, 0}), of(2, {})));
}

TEST("one that is preferred for long gives way by chance: it may wait for the others in a loop") {
  for (const StrategyKind kind : {StrategyKind::Pct, StrategyKind::Pos}) {
    Plan plan;
    plan.strategy = kind;
    plan.seed = 9;
    Scheduler scheduler(plan);
    std::set<int> moved;
    for (int turn = 0; turn < 2000; turn++) moved.insert(scheduler.choose(kThree, "", turn, false));
    CHECK_EQUAL(moved.size(), 3u);
  }
}

TEST("sleepers sleep on until all others wait, then the first to wake moves") {
  const Plan plan;
  Scheduler scheduler(plan);
  std::vector<Candidate> able = kThree;
  able[0].due_ms = 20;
  able[2].due_ms = 10;
  CHECK_EQUAL(scheduler.choose(able, "server#1", 1, false), 4);
  able[1].due_ms = 30;
  CHECK_EQUAL(scheduler.choose(able, "server#1", 2, false), 5);
}

TEST("what was planned and did not come about is told, and why") {
  Plan plan;
  plan.deviations = {{"server#1", 1, "client#2"}, {"server#1", 2, "nobody#1"}, {"server#1", 9, "client#1"}};
  Scheduler scheduler(plan);
  scheduler.choose(kThree, "server#1", 1, false, 3);
  scheduler.choose({kThree[0]}, "server#1", 2, false, 7);
  const std::vector<DeviationMiss> misses = scheduler.misses();
  CHECK_EQUAL(misses.size(), 2u);
  CHECK(misses[0].deviation == 1 && misses[0].was_reached && misses[0].seq == 7);
  CHECK(misses[1].deviation == 2 && !misses[1].was_reached);
}
