#include "addon/forkable.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "base/file_descriptor.h"

// Node's embedder API, declared here so that one binary serves all versions of Node: no V8 header, none of its inlined
// layouts.
namespace v8 {
class Context;
template <class T>
struct Local {
  T *slot;
};
class Isolate {
 public:
  static Isolate *GetCurrent();
  Local<Context> GetCurrentContext();
};
}  // namespace v8
namespace node {
class Environment;
class MultiIsolatePlatform;
Environment *GetCurrentEnvironment(v8::Local<v8::Context> context);
MultiIsolatePlatform *GetMultiIsolatePlatform(Environment *env);
void SetProcessExitHandler(Environment *env, std::function<void(Environment *, int)> &&handler);
}  // namespace node

namespace ipclab {
namespace {

node::Environment *environment() {
  return node::GetCurrentEnvironment(v8::Isolate::GetCurrent()->GetCurrentContext());
}

int no_workers(void *) {
  return 0;
}

struct Range {
  uintptr_t begin = 0, end = 0;
};

std::string read_maps() {
  std::string text;
  FileDescriptor maps(open("/proc/self/maps", O_RDONLY | O_CLOEXEC));
  char piece[16384];
  for (ssize_t count; maps && (count = read(maps.get(), piece, sizeof piece)) > 0;) text.append(piece, count);
  return text;
}

template <typename Visit>
void each_mapping(const std::string &maps, Visit visit) {
  for (size_t at = 0; at < maps.size();) {
    size_t stop = maps.find('\n', at);
    if (stop == std::string::npos) stop = maps.size();
    const std::string line = maps.substr(at, stop - at);
    char *rest;
    Range range;
    range.begin = strtoul(line.c_str(), &rest, 16);
    range.end = strtoul(rest + 1, &rest, 16);
    visit(range, line);
    at = stop + 1;
  }
}

// The kernel's own pages [vvar]..[vdso] refuse MADV_DOFORK (VM_IO), and a refusal ends the walk of the madvise call.
// Their place does not change while the process, or a child of it, lives; in a sandbox there may be no /proc later, so
// it is found at load.
Range find_kernel_pages() {
  Range found;
  each_mapping(read_maps(), [&](const Range &range, const std::string &line) {
    if (line.find("[vvar") == std::string::npos && line.find("[vdso]") == std::string::npos) return;
    if (!found.begin) found.begin = range.begin;
    found.end = range.end;
  });
  if (!found.end) {
    // No /proc: the auxiliary vector knows where [vdso] begins; a generous margin takes in [vvar] and its own length.
    constexpr uintptr_t kMargin = 64 * 1024;
    const uintptr_t vdso = getauxval(AT_SYSINFO_EHDR);
    if (vdso) found = {vdso - kMargin, vdso + kMargin};
  }
  return found;
}

const Range kernel_pages = find_kernel_pages();

bool allow_fork(uintptr_t begin, uintptr_t end) {
  // ENOMEM says that there were holes; the rest has been done (madvise(2)).
  return madvise(reinterpret_cast<void *>(begin), end - begin, MADV_DOFORK) == 0 || errno == ENOMEM;
}

}  // namespace

void report_no_workers() {
  // Node has no switch for it, so the one platform object gets a copy of its table of virtual functions with one slot
  // changed. The slot is found by its exported name. Without this Node 20 posts jobs (each full GC, WebAssembly) to
  // threads that a child lacks.
  static bool done = false;
  if (done) return;
  void *const wanted = dlsym(RTLD_DEFAULT, "_ZN4node12NodePlatform21NumberOfWorkerThreadsEv");
  if (!wanted) return;
  constexpr int kBefore = 2;  // offset to top and type information stand before the first function (Itanium C++ ABI)
  constexpr int kLongest = 64;
  static void *table[kBefore + kLongest];
  auto *const platform = reinterpret_cast<void ***>(node::GetMultiIsolatePlatform(environment()));
  memcpy(table, *platform - kBefore, sizeof table);
  for (int i = kBefore; i < kBefore + kLongest; i++) {
    if (table[i] != wanted) continue;
    table[i] = reinterpret_cast<void *>(no_workers);
    *platform = table + kBefore;
    done = true;
    return;
  }
}

void make_heap_forkable() {
  const int saved = errno;
#if defined(__x86_64__)
  constexpr uintptr_t kLowest = 0x10000;  // vm.mmap_min_addr
  constexpr uintptr_t kTop = 0x7ffffffff000;
  if (kernel_pages.end && allow_fork(kLowest, kernel_pages.begin) && allow_fork(kernel_pages.end, kTop)) {
    errno = saved;
    return;
  }
#endif
  // Something else refuses, or the layout is unknown: one mapping at a time, files left out (V8's pages have none).
  each_mapping(read_maps(), [](const Range &range, const std::string &line) {
    if (line.find('/') == std::string::npos && line.find("[v") == std::string::npos) allow_fork(range.begin, range.end);
  });
  errno = saved;
}

unsigned settle_pool(uv_loop_t *loop, int limit_ms) {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  const int64_t limit = now.tv_sec * 1000 + now.tv_nsec / 1000000 + limit_ms;
  for (;;) {
    // Finished operations wait in loop->wq until the loop delivers them, and it will do so in both processes.
    unsigned finished = 0;
    uv_mutex_lock(&loop->wq_mutex);
    auto *const head = reinterpret_cast<void **>(&loop->wq);
    for (auto *entry = static_cast<void **>(head[0]); entry && entry != head; entry = static_cast<void **>(entry[0]))
      finished++;
    uv_mutex_unlock(&loop->wq_mutex);
    if (loop->active_reqs.count <= finished) return 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec * 1000 + now.tv_nsec / 1000000 >= limit) return loop->active_reqs.count - finished;
    sched_yield();  // not a sleep, which a tracer would count as a call of the program's
  }
}

void leave_by_exit_handler() {
  node::SetProcessExitHandler(environment(), [](node::Environment *, int code) { _exit(code); });
}

}  // namespace ipclab
