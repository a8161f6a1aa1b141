// links: supervisor/seccomp_program.cc supervisor/seccomp_table.cc
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include <cstring>
#include <set>

#include "check.h"
#include "supervisor/seccomp_program.h"

namespace {

// Interprets the program as the kernel does, for every call and both outcomes of each test.
uint32_t filter_answer(const std::vector<sock_filter> &code, const seccomp_data &data) {
  uint32_t accumulator = 0;
  for (size_t at = 0; at < code.size(); at++) {
    const sock_filter &step = code[at];
    bool holds = false;
    switch (step.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        std::memcpy(&accumulator, reinterpret_cast<const char *>(&data) + step.k, sizeof accumulator);
        continue;
      case BPF_RET | BPF_K:
        return step.k;
      case BPF_JMP | BPF_JA:
        at += step.k;
        continue;
      case BPF_JMP | BPF_JEQ:
        holds = accumulator == step.k;
        break;
      case BPF_JMP | BPF_JGE:
        holds = accumulator >= step.k;
        break;
      case BPF_JMP | BPF_JSET:
        holds = accumulator & step.k;
        break;
    }
    at += holds ? step.jt : step.jf;
  }
  return SECCOMP_RET_KILL_PROCESS;
}

std::vector<ipclab::SeccompRow> all_rows(bool file_calls) {
  std::vector<ipclab::SeccompRow> rows(ipclab::kSeccompRows, ipclab::kSeccompRows + ipclab::kSeccompRowCount);
  if (file_calls) rows.insert(rows.end(), ipclab::kFileRows, ipclab::kFileRows + ipclab::kFileRowCount);
  return rows;
}

uint32_t table_answer(const std::vector<ipclab::SeccompRow> &rows, const seccomp_data &data) {
  for (const ipclab::SeccompRow &row : rows) {
    if (row.call != static_cast<uint32_t>(data.nr)) continue;
    const uint32_t value = static_cast<uint32_t>(data.args[row.argument]);
    const bool holds = row.test == ipclab::Test::Always || (row.test == ipclab::Test::Equal && value == row.value) ||
                       (row.test == ipclab::Test::NotEqual && value != row.value) ||
                       (row.test == ipclab::Test::AnyBit && (value & row.value));
    if (!holds) continue;
    if (row.verdict == ipclab::Verdict::Trace) return SECCOMP_RET_TRACE;
    if (row.verdict == ipclab::Verdict::Refuse) return SECCOMP_RET_ERRNO | static_cast<uint32_t>(row.error);
    return SECCOMP_RET_ALLOW;
  }
  return SECCOMP_RET_ALLOW;
}

uint32_t answer(uint32_t arch, uint32_t number) {
  const std::vector<sock_filter> code = ipclab::create_program(ipclab::kSeccompRows, ipclab::kSeccompRowCount);
  return filter_answer(code, {static_cast<int>(number), arch, 0, {}});
}

}  // namespace

TEST("the program says what the table says, for every call and both sides of every test") {
  for (const bool file_calls : {false, true}) {
    const std::vector<ipclab::SeccompRow> rows = all_rows(file_calls);
    const std::vector<sock_filter> code = ipclab::create_program(rows.data(), rows.size());
    std::set<uint64_t> values = {0, 1, 5, ~0ull};
    for (const ipclab::SeccompRow &row : rows) values.insert(row.value);
    for (int number = 0; number < 1000; number++) {
      for (const uint64_t value : values) {
        const seccomp_data data{number, AUDIT_ARCH_X86_64, 0, {value, value, value, value, value, value}};
        CHECK_EQUAL(filter_answer(code, data), table_answer(rows, data));
      }
    }
  }
}

TEST("calls on files are traced only where they are asked for, and never those on the standard streams") {
  const auto decide = [](bool file_calls, int number, uint64_t descriptor) {
    const std::vector<ipclab::SeccompRow> rows = all_rows(file_calls);
    return filter_answer(ipclab::create_program(rows.data(), rows.size()),
                         {number, AUDIT_ARCH_X86_64, 0, {descriptor}});
  };
  CHECK_EQUAL(decide(false, SYS_write, 5), SECCOMP_RET_ALLOW);
  CHECK_EQUAL(decide(true, SYS_write, 5), SECCOMP_RET_TRACE);
  CHECK_EQUAL(decide(true, SYS_write, 1), SECCOMP_RET_ALLOW);
  CHECK_EQUAL(decide(true, SYS_read, 0), SECCOMP_RET_ALLOW);
  CHECK_EQUAL(decide(true, SYS_rename, 0), SECCOMP_RET_TRACE);
}

TEST("calls of another architecture, and of x32, kill") {
  CHECK_EQUAL(answer(AUDIT_ARCH_I386, 20), SECCOMP_RET_KILL_PROCESS);
  CHECK_EQUAL(answer(AUDIT_ARCH_X86_64, 0x40000000 | 39), SECCOMP_RET_KILL_PROCESS);
  CHECK_EQUAL(answer(AUDIT_ARCH_X86_64, 39), SECCOMP_RET_ALLOW);
}

TEST("a table with neighbours, call 0 and arguments is searched rightly") {
  using ipclab::SeccompRow;
  using ipclab::Test;
  using ipclab::Verdict;
  const SeccompRow rows[] = {
      {0, Verdict::Refuse, 1, Test::Always, 0, 0}, {2, Verdict::Trace, 0, Test::Always, 0, 0},
      {1, Verdict::Refuse, 1, Test::Always, 0, 0}, {3, Verdict::Trace, 0, Test::AnyBit, 1, 4},
      {3, Verdict::Refuse, 7, Test::Always, 0, 0},
  };
  const std::vector<sock_filter> code = ipclab::create_program(rows, sizeof rows / sizeof *rows);
  const auto decide = [&code](int number, uint64_t second) {
    return filter_answer(code, {number, AUDIT_ARCH_X86_64, 0, {0, second}});
  };
  const uint32_t got[] = {decide(0, 0), decide(1, 0), decide(2, 0), decide(3, 6), decide(3, 3), decide(4, 0)};
  const uint32_t expected[] = {SECCOMP_RET_ERRNO | 1, SECCOMP_RET_ERRNO | 1, SECCOMP_RET_TRACE,
                               SECCOMP_RET_TRACE,     SECCOMP_RET_ERRNO | 7, SECCOMP_RET_ALLOW};
  CHECK(std::memcmp(got, expected, sizeof got) == 0);
}

TEST("a table so long that a conditional jump does not reach its end is searched rightly") {
  std::vector<ipclab::SeccompRow> rows;
  for (uint32_t call = 0; call < 999; call += 2)
    rows.push_back({call, ipclab::Verdict::Refuse, static_cast<int>(call + 1), ipclab::Test::Always, 0, 0});
  const std::vector<sock_filter> code = ipclab::create_program(rows.data(), rows.size());
  for (int number = 0; number < 1000; number++) {
    const seccomp_data data{number, AUDIT_ARCH_X86_64, 0, {}};
    CHECK_EQUAL(filter_answer(code, data), table_answer(rows, data));
  }
}
