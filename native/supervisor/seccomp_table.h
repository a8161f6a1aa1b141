// Which system calls are traced, and which are refused with what. All others are allowed, and the kernel does not even
// run the filter for them (it caches filters' constant answers since 5.11).
#pragma once
#include <cstddef>
#include <cstdint>

namespace ipclab {

// The private option of prctl(2) by which a process says "student code begins": 'IPC1'.
constexpr uint32_t kMarkerOption = 0x49504331;

enum class Verdict : uint8_t { Allow, Trace, Refuse };

// Decides by the low 32 bits of one argument. `Any`: the row's verdict whatever the arguments.
enum class Test : uint8_t { Any, Equal, NotEqual, AnyBit };

struct SeccompRow {
  uint32_t call;
  Verdict verdict;  // if the test holds; else the next row of the same call decides, and at last Allow
  int error = 0;    // of Refuse
  Test test = Test::Any;
  uint8_t argument = 0;
  uint32_t value = 0;
};

// Sorted by nothing; rows of one call stand in the order in which they are tried.
extern const SeccompRow kSeccompRows[];
extern const size_t kSeccompRowCount;

}  // namespace ipclab
