// Preloaded into the zygote. V8 asks for each piece of its heap (256 KiB) at another random address. Each then has page
// tables and a mapping of its own, which every fork copies and every end of a process frees. Here the pieces lie side
// by side, in the order in which they are asked for.
#undef _FILE_OFFSET_BITS  // with it, `mmap` in this file would be mmap64
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace {

constexpr size_t kPiece = 256 << 10;
// To have it aligned, V8 asks for so much more, and gives the rest back.
constexpr size_t kRoomToAlign = kPiece - 4096;
constexpr size_t kLargest = 4 << 20;
// Above every heap of malloc's, below the libraries (x86-64, 47 bits). Where it does not fit, the kernel chooses.
std::atomic<uintptr_t> next_hint{0x200000000000};

// A wish without MAP_FIXED: a place that is taken, or too high for this machine, is not an error.
void *map(void *address, size_t size, int protection, int flags, int file, off_t offset) {
  const bool wish = address != nullptr && (flags & MAP_ANONYMOUS) && !(flags & (MAP_FIXED | MAP_FIXED_NOREPLACE));
  if (wish && size <= kLargest) {
    const size_t kept = size > kRoomToAlign ? size - kRoomToAlign : size;
    address = reinterpret_cast<void *>(next_hint.fetch_add((kept + kPiece - 1) / kPiece * kPiece));
  }
  return reinterpret_cast<void *>(syscall(SYS_mmap, address, size, protection, flags, file, offset));
}

}  // namespace

extern "C" {
void *mmap(void *address, size_t size, int protection, int flags, int file, off_t offset) noexcept {
  return map(address, size, protection, flags, file, offset);
}
void *mmap64(void *address, size_t size, int protection, int flags, int file, off64_t offset) noexcept {
  return map(address, size, protection, flags, file, offset);
}
}
