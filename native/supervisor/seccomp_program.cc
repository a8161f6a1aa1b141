#include "seccomp_program.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>

namespace ipclab {
namespace {

constexpr uint32_t kX32Bit = 0x40000000;  // __X32_SYSCALL_BIT
constexpr size_t kLongestJump = 255;      // of a conditional one

// Written from its end to its start, because jumps go forward only: where they go to is known. A place is counted from
// the end.
class Assembler {
 public:
  // Every place that answers alike is one.
  size_t answer(uint32_t value) {
    const auto known = answers_.find(value);
    if (known != answers_.end()) return known->second;
    return answers_[value] = put({BPF_RET | BPF_K, 0, 0, value});
  }
  size_t load(size_t offset) { return put({BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<uint32_t>(offset)}); }
  size_t branch(uint16_t test, uint32_t value, size_t if_true, size_t if_false) {
    if_true = reachable(if_true);
    if_false = reachable(if_false);
    return put({static_cast<uint16_t>(BPF_JMP | test), static_cast<uint8_t>(code_.size() - if_true - 1),
                static_cast<uint8_t>(code_.size() - if_false - 1), value});
  }
  std::vector<sock_filter> finish() const { return {code_.rbegin(), code_.rend()}; }

 private:
  size_t put(sock_filter step) {
    code_.push_back(step);
    return code_.size() - 1;
  }
  size_t reachable(size_t target) {
    if (code_.size() - target <= kLongestJump) return target;
    return put({BPF_JMP | BPF_JA, 0, 0, static_cast<uint32_t>(code_.size() - target - 1)});
  }

  std::vector<sock_filter> code_;
  std::map<uint32_t, size_t> answers_;
};

// Calls from `first` up to the next segment's are decided by these rows; none: allowed.
struct Segment {
  uint32_t first;
  std::vector<SeccompRow> rows;
};

uint32_t action(const SeccompRow &row) {
  switch (row.verdict) {
    case Verdict::Trace:
      return SECCOMP_RET_TRACE;
    case Verdict::Refuse:
      return SECCOMP_RET_ERRNO | static_cast<uint32_t>(row.error);
    case Verdict::Allow:
      break;
  }
  return SECCOMP_RET_ALLOW;
}

std::vector<Segment> create_segments(const SeccompRow *rows, size_t count) {
  std::vector<SeccompRow> sorted(rows, rows + count);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const SeccompRow &a, const SeccompRow &b) { return a.call < b.call; });
  std::vector<Segment> segments{{0, {}}};
  for (const SeccompRow &row : sorted) {
    Segment &last = segments.back();
    if (!last.rows.empty() && last.rows.back().call == row.call) {
      last.rows.push_back(row);
      continue;
    }
    // The segment before ends with one call; what lies between is allowed.
    const bool same = last.rows.size() == 1 && last.rows[0].test == Test::Always && row.test == Test::Always &&
                      last.rows[0].call + 1 == row.call && action(last.rows[0]) == action(row);
    if (same) {
      last.rows[0].call = row.call;  // one segment for a row of neighbours
      continue;
    }
    if (!last.rows.empty() && last.rows[0].call + 1 < row.call) segments.push_back({last.rows[0].call + 1, {}});
    if (row.call == 0 && segments.size() == 1) segments.clear();
    segments.push_back({row.call, {row}});
  }
  if (!segments.back().rows.empty()) segments.push_back({segments.back().rows[0].call + 1, {}});
  return segments;
}

size_t write_leaf(Assembler &program, const Segment &segment) {
  const auto always = std::find_if(segment.rows.begin(), segment.rows.end(),
                                   [](const SeccompRow &row) { return row.test == Test::Always; });
  size_t next = program.answer(always == segment.rows.end() ? SECCOMP_RET_ALLOW : action(*always));
  for (auto row = std::make_reverse_iterator(always); row != segment.rows.rend(); ++row) {
    const size_t decided = program.answer(action(*row));
    const bool negated = row->test == Test::NotEqual;
    program.branch(row->test == Test::AnyBit ? BPF_JSET : BPF_JEQ, row->value, negated ? next : decided,
                   negated ? decided : next);
    // Little endian: the low half of an argument comes first.
    next = program.load(offsetof(seccomp_data, args) + row->argument * sizeof(uint64_t));
  }
  return next;
}

size_t write_search(Assembler &program, const Segment *begin, const Segment *end) {
  if (end - begin == 1) return write_leaf(program, *begin);
  const Segment *middle = begin + (end - begin) / 2;
  const size_t upper = write_search(program, middle, end), lower = write_search(program, begin, middle);
  return upper == lower ? lower : program.branch(BPF_JGE, middle->first, upper, lower);
}

}  // namespace

std::vector<sock_filter> create_program(const SeccompRow *rows, size_t count) {
  const std::vector<Segment> segments = create_segments(rows, count);
  Assembler program;
  const size_t kill = program.answer(SECCOMP_RET_KILL_PROCESS);
  const size_t search = write_search(program, segments.data(), segments.data() + segments.size());
  program.branch(BPF_JGE, kX32Bit, kill, search);
  const size_t number = program.load(offsetof(seccomp_data, nr));
  program.branch(BPF_JEQ, AUDIT_ARCH_X86_64, number, kill);
  program.load(offsetof(seccomp_data, arch));
  return program.finish();
}

}  // namespace ipclab
