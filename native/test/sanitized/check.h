// Tests of native code in one header: `TEST("a sentence about behaviour") { CHECK_EQUAL(got, expected); }`.
// One translation unit a program: main is here. Prints what failed, then one line with the counts.
#pragma once
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

namespace check {

struct Test {
  const char *title;
  void (*run)();
};

inline std::vector<Test> &tests() {
  static std::vector<Test> list;
  return list;
}

struct Registration {
  Registration(const char *title, void (*run)()) { tests().push_back({title, run}); }
};

// Ends a test; thrown by the macros.
struct Failure {
  std::string text;
};
struct Skip {
  std::string reason;
};

template <class Value>
std::string render(const Value &value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

template <class Got, class Expected>
void equal(const Got &got, const Expected &expected, const char *what, const char *file, int line) {
  if constexpr (std::is_convertible_v<Got, const char *> && std::is_convertible_v<Expected, const char *>) {
    if (std::string(got) == expected) return;  // C strings: not their addresses
  } else {
    if (got == expected) return;
  }
  throw Failure{std::string(file) + ":" + std::to_string(line) + ": expected " + what + " to be " + render(expected) +
                ", got " + render(got)};
}

inline void that(bool holds, const char *what, const char *file, int line) {
  if (!holds) throw Failure{std::string(file) + ":" + std::to_string(line) + ": expected " + what};
}

inline int run_all(const char *program) {
  int passed = 0, failed = 0, skipped = 0;
  const pid_t self = getpid();
  for (const Test &test : tests()) {
    std::string problem;
    try {
      test.run();
      passed++;
    } catch (const Failure &failure) {
      problem = failure.text;
    } catch (const Skip &skip) {
      skipped++;
      std::printf("skipped: %s (%s)\n", test.title, skip.reason.c_str());
    } catch (const std::exception &error) {
      problem = std::string("threw ") + error.what();
    }
    if (getpid() != self) _exit(99);  // a forked child must not go on with the parent's tests
    if (problem.empty()) continue;
    failed++;
    std::printf("FAILED: %s\n        %s\n", test.title, problem.c_str());
  }
  std::printf("%s: %d passed, %d failed%s\n", program, passed, failed,
              skipped ? (", " + std::to_string(skipped) + " skipped").c_str() : "");
  std::fflush(stdout);
  return failed == 0 ? 0 : 1;
}

}  // namespace check

#define CHECK_PASTE_(a, b) a##b
#define CHECK_JOIN_(a, b) CHECK_PASTE_(a, b)
#define TEST(title)                                                                                                \
  static void CHECK_JOIN_(check_test_, __LINE__)();                                                                \
  static const check::Registration CHECK_JOIN_(check_entry_, __LINE__)(title, CHECK_JOIN_(check_test_, __LINE__)); \
  static void CHECK_JOIN_(check_test_, __LINE__)()

#define CHECK(condition) check::that(static_cast<bool>(condition), #condition, __FILE__, __LINE__)
#define CHECK_EQUAL(got, expected) check::equal((got), (expected), #got, __FILE__, __LINE__)
// The reason is printed: a right that the machine lacks.
#define SKIP(reason) \
  throw check::Skip { reason }

int main(int, char **argv) {
  const std::string path = argv[0];
  return check::run_all(path.substr(path.find_last_of('/') + 1).c_str());
}
