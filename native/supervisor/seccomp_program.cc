#include "seccomp_program.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cstddef>

namespace ipclab {
namespace {

using Code = std::vector<sock_filter>;

constexpr uint32_t kX32Bit = 0x40000000;  // __X32_SYSCALL_BIT
constexpr size_t kLongestJump = 255;      // of a conditional one

// Calls from `first` up to the next segment's are decided by these rows; none: allowed.
struct Segment {
  uint32_t first;
  std::vector<SeccompRow> rows;
};

sock_filter statement(uint16_t code, uint32_t value) {
  return {code, 0, 0, value};
}
sock_filter jump(uint16_t code, uint32_t value, size_t if_true, size_t if_false) {
  return {static_cast<uint16_t>(BPF_JMP | code), static_cast<uint8_t>(if_true), static_cast<uint8_t>(if_false), value};
}
sock_filter answer(uint32_t value) {
  return statement(BPF_RET | BPF_K, value);
}

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

Code create_leaf(const Segment &segment) {
  Code code;
  for (const SeccompRow &row : segment.rows) {
    if (row.test == Test::Always) {
      code.push_back(answer(action(row)));
      return code;
    }
    // Little endian: the low half of an argument comes first.
    const size_t offset = offsetof(seccomp_data, args) + row.argument * sizeof(uint64_t);
    code.push_back(statement(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset)));
    const bool negated = row.test == Test::NotEqual;
    code.push_back(jump(row.test == Test::AnyBit ? BPF_JSET : BPF_JEQ, row.value, negated ? 1 : 0, negated ? 0 : 1));
    code.push_back(answer(action(row)));
  }
  code.push_back(answer(SECCOMP_RET_ALLOW));
  return code;
}

Code create_search(const Segment *begin, const Segment *end) {
  if (end - begin == 1) return create_leaf(*begin);
  const Segment *middle = begin + (end - begin) / 2;
  const Code lower = create_search(begin, middle), upper = create_search(middle, end);
  Code code;
  if (lower.size() <= kLongestJump) {
    code.push_back(jump(BPF_JGE, middle->first, lower.size(), 0));
  } else {
    code.push_back(jump(BPF_JGE, middle->first, 0, 1));
    code.push_back(statement(BPF_JMP | BPF_JA, static_cast<uint32_t>(lower.size())));
  }
  code.insert(code.end(), lower.begin(), lower.end());
  code.insert(code.end(), upper.begin(), upper.end());
  return code;
}

}  // namespace

std::vector<sock_filter> create_program(const SeccompRow *rows, size_t count) {
  const std::vector<Segment> segments = create_segments(rows, count);
  const Code search = create_search(segments.data(), segments.data() + segments.size());
  Code code = {
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      jump(BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0),
      answer(SECCOMP_RET_KILL_PROCESS),
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      jump(BPF_JGE, kX32Bit, 0, 1),
      answer(SECCOMP_RET_KILL_PROCESS),
  };
  code.insert(code.end(), search.begin(), search.end());
  return code;
}

}  // namespace ipclab
