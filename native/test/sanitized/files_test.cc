// What a call on a file is about; here the calls, the descriptors and the memory are the test's own.
//
// links: supervisor/files.cc supervisor/calls.cc supervisor/seccomp_table.cc
#include "supervisor/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "check.h"

using namespace ipclab;

namespace {

struct Folder {
  std::string path = "/tmp/ipclab-files-XXXXXX";
  Folder() {
    if (!mkdtemp(path.data()) || chdir(path.c_str()) != 0) std::abort();
  }
  ~Folder() {
    if (chdir("/") != 0 || system(("rm -r " + path).c_str()) != 0) std::abort();
  }
};

template <class Value>
long raw(Value value) {
  return (long)value;
}

template <class... Arguments>
PendingCall call(long number, Arguments... arguments) {
  const long given[7] = {raw(arguments)...};
  PendingCall made;
  made.number = number;
  made.row = find_call(number);
  for (int i = 0; i < 6; i++) made.raw[i] = given[i];
  return made;
}

// Makes a file, as a process of the run would. Answers its place.
int make(Files &files, const char *path, int seq) {
  PendingCall open_call = call(SYS_open, path, O_RDWR | O_CREAT, 0644);
  CHECK(files.locate(getpid(), &open_call));
  Event event;
  event.result = open(path, O_RDWR | O_CREAT, 0644);
  files.commit(getpid(), open_call, 0, seq, &event);
  close(static_cast<int>(event.result));
  return event.file;
}

}  // namespace

TEST("a path is told from the folder on, however it was written; what is outside is not ours") {
  const Folder folder;
  Files files(folder.path);
  const auto path_of = [&](const char *path) {
    PendingCall made = call(SYS_unlink, path);
    return files.locate(getpid(), &made) ? made.args.path : "-";
  };
  CHECK_EQUAL(path_of("a"), "a");
  CHECK_EQUAL(path_of("./b/../a//c"), "a/c");
  CHECK_EQUAL(path_of((folder.path + "/a").c_str()), "a");
  CHECK_EQUAL(path_of("."), ".");
  CHECK_EQUAL(path_of("../a"), "-");
  CHECK_EQUAL(path_of((folder.path + "-other/a").c_str()), "-");
  CHECK_EQUAL(path_of("/dev/null"), "-");
  CHECK_EQUAL(path_of(""), "-");
  CHECK_EQUAL(path_of(nullptr), "-");
}

TEST("a path that ends where the memory ends is read; one without an end is not read beyond it") {
  const Folder folder;
  Files files(folder.path);
  const size_t page = 4096;
  char *memory =
      static_cast<char *>(mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  munmap(memory + page, page);
  memory[page - 2] = 'a';
  PendingCall whole = call(SYS_unlink, memory + page - 2);
  CHECK(files.locate(getpid(), &whole));
  CHECK_EQUAL(whole.args.path, "a");
  memory[page - 1] = 'b';
  PendingCall cut = call(SYS_unlink, memory + page - 2);
  CHECK(files.locate(getpid(), &cut));
  CHECK_EQUAL(cut.args.path, "ab");
  munmap(memory, page);
}

TEST("a file stays what it is when it is renamed; one that is made under its old name is another") {
  const Folder folder;
  Files files(folder.path);
  const int first = make(files, "a", 3);
  PendingCall renaming = call(SYS_rename, "a", "b");
  CHECK(files.locate(getpid(), &renaming));
  CHECK_EQUAL(renaming.file, first);
  rename("a", "b");
  const int second = make(files, "a", 5);
  CHECK(second != first);
  PendingCall over = call(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 0);
  CHECK(files.locate(getpid(), &over));
  CHECK_EQUAL(over.file, second);
  CHECK_EQUAL(over.replaced, first);
  CHECK_EQUAL(over.args.to, "b");
  rename("a", "b");
  files.look_at_what_is_left();
  CHECK_EQUAL(files.records().size(), 2u);
  CHECK_EQUAL(files.records()[0].left, "");
  CHECK_EQUAL(files.records()[0].created_at, 3);
  CHECK_EQUAL(files.records()[1].left, "b");
}

TEST("the number of a removed file is not taken for another one's") {
  const Folder folder;
  Files files(folder.path);
  for (int i = 0; i < 20; i++) {
    CHECK_EQUAL(make(files, "a", i), i);
    unlink("a");
  }
}

TEST("bytes are read from the buffers of the call, as many as went, and where they went") {
  const Folder folder;
  Files files(folder.path);
  make(files, "a", 0);
  const int file = open("a", O_RDWR | O_APPEND);
  if (write(file, "12345", 5) != 5) std::abort();
  char one[] = "ab", two[] = "cdef";
  iovec buffers[] = {{one, 2}, {two, 4}};
  PendingCall writing = call(SYS_writev, file, buffers, 2);
  CHECK(files.locate(getpid(), &writing));
  CHECK_EQUAL(*writing.args.offset, 5);
  Event event;
  event.result = 5;
  files.commit(getpid(), writing, 0, 1, &event);
  CHECK_EQUAL(*event.args.data, "abcde");
  PendingCall reading = call(SYS_pread64, file, one, 2, 3);
  CHECK(files.locate(getpid(), &reading));
  CHECK_EQUAL(*reading.args.offset, 3);
  PendingCall nowhere = call(SYS_write, file, 1, 1 << 30);
  CHECK(files.locate(getpid(), &nowhere));
  event.result = 1 << 30;
  files.commit(getpid(), nowhere, 0, 1, &event);
  CHECK_EQUAL(*event.args.data, "");
  close(file);
  PendingCall closed = call(SYS_write, file, one, 2);
  CHECK(!files.locate(getpid(), &closed));
}
