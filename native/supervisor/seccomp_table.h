// Which system calls are traced, and which are refused with what. All others are allowed, and the kernel does not even
// run the filter for them (it remembers a filter's constant answers since 5.11).
#pragma once
#include <cstddef>
#include <cstdint>

namespace ipclab {

// The private option of prctl(2) by which a process says "student code begins": 'IPC1'.
constexpr uint32_t kMarkerOption = 0x49504331;
// And by which the students' addon says "the handler of this signal begins", or with 0 that it has ended: 'IPC2'.
constexpr uint32_t kHandlerOption = 0x49504332;

enum class Verdict : uint8_t { Allow, Trace, Refuse };

// Decides by the low 32 bits of one argument.
enum class Test : uint8_t { Always, Equal, NotEqual, AnyBit };

// If the test holds, the verdict; else the next row of the same call decides, and at last Allow.
struct SeccompRow {
  uint32_t call;
  Verdict verdict;
  int error;  // of Refuse
  Test test;
  uint8_t argument;
  uint32_t value;
};

// Rows of one call stand in the order in which they are tried; otherwise the order means nothing.
extern const SeccompRow kSeccompRows[];
extern const size_t kSeccompRowCount;
// Beside them, where the calls on files are traced, too.
extern const SeccompRow kFileRows[];
extern const size_t kFileRowCount;

}  // namespace ipclab
