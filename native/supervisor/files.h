// The files of a run's folder: what each call on them is about, and which file is which, whatever name it has.
#pragma once
#include <sys/stat.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "calls.h"
#include "trace.h"

namespace ipclab {

// Bytes of a file's content, or of one read or write, that a trace holds; the rest is left out.
constexpr size_t kLongestContent = 1 << 16;
// Of all contents, reads and writes of a run.
constexpr size_t kMostContent = 16 << 20;
constexpr char kMostContentText[] = "16 MiB";

class Files {
 public:
  // Knows those that are there now. `folder`: absolute.
  explicit Files(const std::string &folder);
  ~Files();
  Files(const Files &) = delete;
  Files &operator=(const Files &) = delete;

  // Which file a call is about, at whose entry the thread stands. False for what is not in the folder.
  bool locate(pid_t tid, PendingCall *call);
  // It has succeeded: event `seq`, of that process.
  void commit(pid_t tid, const PendingCall &call, int process, int seq, Event *event);
  // Every process is gone.
  void look_at_what_is_left();

  const std::vector<FileRecord> &records() const { return records_; }
  // Has the trace as much content as it may have?
  bool is_full() const { return content_bytes_ > kMostContent; }

 private:
  // Holds the file itself, so that its number is not given to another one (a reused number would join their stories).
  struct Pin {
    dev_t device;
    ino_t number;
    int descriptor;
  };

  std::optional<std::string> relative(const std::string &path) const;
  std::optional<std::string> path_of_argument(pid_t tid, long folder, long address) const;
  std::string absolute(const std::string &path) const;
  int find(const struct stat &status) const;
  int find_path(const std::string &path) const;
  int add(const std::string &where, const std::string &path, const struct stat &status, int creator, int seq);
  void scan(const std::string &path, int depth, bool at_end);

  std::string folder_, real_folder_;
  std::vector<FileRecord> records_;
  std::vector<Pin> pins_;  // of the records, in their order
  size_t content_bytes_ = 0;
};

}  // namespace ipclab
