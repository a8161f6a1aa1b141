#include "files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>

#include "tracee.h"

namespace ipclab {
namespace {

constexpr size_t kMostFiles = 500;  // pinned by a descriptor each
constexpr int kDeepest = 8;         // folders in folders that are looked into
constexpr int kMostBuffers = 64;    // of one readv or writev

// Where the arguments of a call name files: -1: none. Without an argument for it, a path begins at the working folder.
struct FileRow {
  long number;
  int folder, path, second_folder, second_path, descriptor;
};
constexpr FileRow kWhere[] = {
    {SYS_open, -1, 0, -1, -1, -1},     {SYS_openat, 0, 1, -1, -1, -1},     {SYS_creat, -1, 0, -1, -1, -1},
    {SYS_rename, -1, 0, -1, 1, -1},    {SYS_renameat, 0, 1, 2, 3, -1},     {SYS_renameat2, 0, 1, 2, 3, -1},
    {SYS_link, -1, 0, -1, 1, -1},      {SYS_linkat, 0, 1, 2, 3, -1},       {SYS_symlink, -1, 1, -1, -1, -1},
    {SYS_symlinkat, 1, 2, -1, -1, -1}, {SYS_unlink, -1, 0, -1, -1, -1},    {SYS_unlinkat, 0, 1, -1, -1, -1},
    {SYS_mkdir, -1, 0, -1, -1, -1},    {SYS_mkdirat, 0, 1, -1, -1, -1},    {SYS_rmdir, -1, 0, -1, -1, -1},
    {SYS_truncate, -1, 0, -1, -1, -1}, {SYS_ftruncate, -1, -1, -1, -1, 0}, {SYS_read, -1, -1, -1, -1, 0},
    {SYS_pread64, -1, -1, -1, -1, 0},  {SYS_readv, -1, -1, -1, -1, 0},     {SYS_preadv, -1, -1, -1, -1, 0},
    {SYS_write, -1, -1, -1, -1, 0},    {SYS_pwrite64, -1, -1, -1, -1, 0},  {SYS_writev, -1, -1, -1, -1, 0},
    {SYS_pwritev, -1, -1, -1, -1, 0},  {SYS_sendfile, -1, -1, -1, -1, 0},  {SYS_copy_file_range, -1, -1, -1, -1, 2},
    {SYS_close, -1, -1, -1, -1, 0},    {SYS_getdents, -1, -1, -1, -1, 0},  {SYS_getdents64, -1, -1, -1, -1, 0},
};

struct OpenFlag {
  int bits;
  const char *name;
};
constexpr OpenFlag kOpenFlags[] = {{O_CREAT, "O_CREAT"},         {O_EXCL, "O_EXCL"},
                                   {O_TRUNC, "O_TRUNC"},         {O_APPEND, "O_APPEND"},
                                   {O_DIRECTORY, "O_DIRECTORY"}, {__O_TMPFILE & ~O_DIRECTORY, "O_TMPFILE"}};

std::string proc_path(pid_t tid, const std::string &what) {
  return "/proc/" + std::to_string(tid) + "/" + what;
}

std::string read_link(const std::string &path) {
  char text[PATH_MAX];
  const ssize_t size = readlink(path.c_str(), text, sizeof text);
  return size > 0 ? std::string(text, static_cast<size_t>(size)) : std::string();
}

// A C string of the process; a page at a time, because the next one may not be there.
std::string read_text(pid_t tid, long address) {
  std::string text;
  char page[4096];
  while (text.size() < PATH_MAX) {
    const size_t size = sizeof page - static_cast<size_t>(address) % sizeof page;
    if (!read_memory(tid, address, page, size)) break;
    char *end = std::find(page, page + size, '\0');
    text.append(page, end);
    if (end != page + size) return text;
    address += static_cast<long>(size);
  }
  return text;
}

// Without `.`, `..` and doubled slashes, by its letters alone.
std::string simplify(const std::string &path) {
  std::vector<std::string> parts;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, end - at);
    if (part == ".." && !parts.empty()) parts.pop_back();
    if (!part.empty() && part != "." && part != "..") parts.push_back(part);
    at = end + 1;
  }
  std::string simple;
  for (const std::string &part : parts) simple += "/" + part;
  return simple;
}

std::string read_content(const std::string &path) {
  std::string content;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  if (file < 0) return content;
  content.resize(kLongestContent);
  const ssize_t size = pread(file, content.data(), content.size(), 0);
  content.resize(size > 0 ? static_cast<size_t>(size) : 0);
  close(file);
  return content;
}

// What a read has got, or a write has written.
std::string read_buffers(pid_t tid, const PendingCall &call, size_t size) {
  std::string bytes(std::min(size, kLongestContent), '\0');
  const bool many =
      call.number == SYS_readv || call.number == SYS_preadv || call.number == SYS_writev || call.number == SYS_pwritev;
  if (!many) return read_memory(tid, call.raw[1], bytes.data(), bytes.size()) ? bytes : std::string();
  iovec buffers[kMostBuffers];
  const size_t count = std::min<size_t>(static_cast<size_t>(call.raw[2]), kMostBuffers);
  if (!read_memory(tid, call.raw[1], buffers, count * sizeof(iovec))) return {};
  size_t filled = 0;
  for (size_t i = 0; i < count && filled < bytes.size(); i++) {
    const size_t part = std::min(buffers[i].iov_len, bytes.size() - filled);
    if (!read_memory(tid, reinterpret_cast<long>(buffers[i].iov_base), &bytes[filled], part)) break;
    filled += part;
  }
  bytes.resize(filled);
  return bytes;
}

// Where in the file the next read or write of a descriptor begins (proc_pid_fdinfo(5)).
std::optional<long> read_position(pid_t tid, long descriptor, long size, bool writes) {
  FILE *file = fopen(proc_path(tid, "fdinfo/" + std::to_string(descriptor)).c_str(), "re");
  if (!file) return std::nullopt;
  long position = 0;
  unsigned long flags = 0;
  const int fields = fscanf(file, "pos: %ld flags: %lo", &position, &flags);
  fclose(file);
  if (fields != 2) return std::nullopt;
  return writes && (flags & O_APPEND) ? size : position;
}

bool has_offset(long number) {
  return number == SYS_pread64 || number == SYS_preadv || number == SYS_pwrite64 || number == SYS_pwritev;
}

void decode_open(PendingCall *call) {
  const long flags = call->number == SYS_creat ? O_WRONLY | O_CREAT | O_TRUNC
                                               : static_cast<int>(call->raw[call->number == SYS_openat ? 2 : 1]);
  const long mode = call->raw[call->number == SYS_openat ? 3 : call->number == SYS_creat ? 1 : 2];
  const long access = flags & O_ACCMODE;
  call->args.has_flags = true;
  call->args.flags.push_back(access == O_WRONLY ? "O_WRONLY" : access == O_RDWR ? "O_RDWR" : "O_RDONLY");
  for (const OpenFlag &flag : kOpenFlags) {
    if (flags & flag.bits) call->args.flags.push_back(flag.name);
  }
  if (flags & O_CREAT) call->args.mode = mode & 07777;
}

}  // namespace

Files::Files(const std::string &folder) : folder_(simplify(folder)) {
  char real[PATH_MAX];
  real_folder_ = realpath(folder.c_str(), real) ? real : folder_;
  scan(".", 0, false);
}

Files::~Files() {
  for (const Pin &pin : pins_) {
    if (pin.descriptor >= 0) close(pin.descriptor);
  }
}

std::optional<std::string> Files::relative(const std::string &path) const {
  const std::string simple = simplify(path);
  for (const std::string &root : {folder_, real_folder_}) {
    if (simple == root) return ".";
    if (simple.compare(0, root.size(), root) == 0 && simple[root.size()] == '/') return simple.substr(root.size() + 1);
  }
  return std::nullopt;
}

std::string Files::absolute(const std::string &path) const {
  return real_folder_ + "/" + path;
}

std::optional<std::string> Files::path_of_argument(pid_t tid, long folder, long address) const {
  const std::string path = read_text(tid, address);
  if (path.empty()) return std::nullopt;
  if (path[0] == '/') return relative(path);
  const bool here = static_cast<int>(folder) == AT_FDCWD;
  const std::string base = read_link(proc_path(tid, here ? "cwd" : "fd/" + std::to_string(static_cast<int>(folder))));
  return base.empty() ? std::nullopt : relative(base + "/" + path);
}

int Files::find(const struct stat &status) const {
  for (size_t i = 0; i < pins_.size(); i++) {
    if (pins_[i].device == status.st_dev && pins_[i].number == status.st_ino) return static_cast<int>(i);
  }
  return -1;
}

int Files::find_path(const std::string &path) const {
  struct stat status;
  return lstat(absolute(path).c_str(), &status) == 0 ? find(status) : -1;
}

int Files::add(const std::string &where, const std::string &path, const struct stat &status, int creator, int seq) {
  const int known = find(status);
  if (known >= 0) return known;
  const mode_t type = status.st_mode & S_IFMT;
  FileRecord record;
  record.kind = type == S_IFDIR ? "folder" : type == S_IFREG ? "file" : "link";
  record.path = path;
  record.creator = creator;
  record.created_at = creator < 0 ? -1 : seq;
  // A link in /proc to an open file is followed, a link of the folder's own is not.
  const int flags = O_PATH | O_CLOEXEC | (where.compare(0, 6, "/proc/") == 0 ? 0 : O_NOFOLLOW);
  pins_.push_back({status.st_dev, status.st_ino, records_.size() < kMostFiles ? open(where.c_str(), flags) : -1});
  records_.push_back(record);
  return static_cast<int>(records_.size()) - 1;
}

void Files::scan(const std::string &path, int depth, bool at_end) {
  DIR *folder = opendir(absolute(path).c_str());
  if (!folder) return;
  std::vector<std::string> names;
  while (const dirent *entry = readdir(folder)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(path == "." ? name : path + "/" + name);
  }
  closedir(folder);
  std::sort(names.begin(), names.end());  // the kernel's order is its own
  for (const std::string &name : names) {
    struct stat status;
    if (records_.size() >= 2 * kMostFiles || lstat(absolute(name).c_str(), &status) != 0) continue;
    const mode_t type = status.st_mode & S_IFMT;
    if (type != S_IFDIR && type != S_IFREG && type != S_IFLNK) continue;
    const int file = at_end ? find(status) : add(absolute(name), name, status, -1, -1);
    if (file >= 0) {
      FileRecord &record = records_[static_cast<size_t>(file)];
      if (at_end && record.left.empty()) record.left = name;
      std::optional<std::string> &content = at_end ? record.after : record.before;
      if (type == S_IFREG && !is_full()) content_bytes_ += (content = read_content(absolute(name)))->size();
    }
    if (type == S_IFDIR && depth < kDeepest) scan(name, depth + 1, at_end);
  }
}

void Files::look_at_what_is_left() {
  scan(".", 0, true);
}

bool Files::locate(pid_t tid, PendingCall *call) {
  const FileRow *row = std::find_if(std::begin(kWhere), std::end(kWhere),
                                    [&](const FileRow &each) { return each.number == call->number; });
  if (row == std::end(kWhere)) return false;
  CallArgs &args = call->args;
  struct stat status;
  if (row->descriptor >= 0) {
    const long descriptor = static_cast<int>(call->raw[row->descriptor]);
    const std::string place = proc_path(tid, "fd/" + std::to_string(descriptor));
    // Most descriptors are not ours: one question tells.
    if (stat(place.c_str(), &status) != 0) return false;
    call->file = find(status);
    if (call->file < 0) return false;
    std::string name = read_link(place);
    const std::string gone = " (deleted)";
    if (name.size() > gone.size() && name.compare(name.size() - gone.size(), gone.size(), gone) == 0)
      name.resize(name.size() - gone.size());
    args.path = relative(name).value_or(records_[static_cast<size_t>(call->file)].path);
    args.fd = descriptor;
    const bool writes = call->is("write");
    if (writes || call->is("read")) {
      args.size_bytes = call->number == SYS_read || call->number == SYS_pread64 || call->number == SYS_write ||
                                call->number == SYS_pwrite64
                            ? std::optional<long>(call->raw[2])
                            : std::nullopt;
      args.offset = has_offset(call->number) ? std::optional<long>(call->raw[3])
                                             : read_position(tid, descriptor, status.st_size, writes);
    }
    if (call->is("truncate")) args.size_bytes = call->raw[1];
    return true;
  }
  const auto path_at = [&](int folder, int path) -> std::optional<std::string> {
    if (path < 0) return std::nullopt;
    return path_of_argument(tid, folder < 0 ? AT_FDCWD : call->raw[folder], call->raw[path]);
  };
  const std::optional<std::string> path = path_at(row->folder, row->path);
  const std::optional<std::string> second = path_at(row->second_folder, row->second_path);
  if (!path && !second) return false;
  if (call->is("open")) {
    decode_open(call);
    // Whoever opens a FIFO may sleep in it: no file, and not ours to hold.
    if (stat(absolute(*path).c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
      return false;
  }
  if (call->is("mkdir")) args.mode = call->raw[row->path + 1] & 07777;
  if (call->number == SYS_truncate) args.size_bytes = call->raw[1];
  if (call->number == SYS_unlinkat && (call->raw[2] & AT_REMOVEDIR)) call->row = find_call(SYS_rmdir);
  if (path) {
    args.path = *path;
    call->file = find_path(*path);
  }
  if (second) {
    args.to = *second;
    call->replaced = find_path(*second);
  }
  return true;
}

void Files::commit(pid_t tid, const PendingCall &call, int process, int seq, Event *event) {
  struct stat status;
  event->file = call.file;
  if (call.is("open")) {
    const std::string place = proc_path(tid, "fd/" + std::to_string(event->result));
    if (stat(place.c_str(), &status) != 0) return;
    const bool made = call.file < 0 && call.args.mode.has_value();
    event->file = add(place, call.args.path, status, made ? process : -1, seq);
  } else if (call.is("mkdir") || call.is("symlink")) {
    if (lstat(absolute(call.args.path).c_str(), &status) == 0)
      event->file = add(absolute(call.args.path), call.args.path, status, process, seq);
  } else if (call.is("rename") || call.is("link")) {
    if (call.is("rename") && call.replaced != call.file) event->replaced = call.replaced;
    if (event->file < 0 && lstat(absolute(call.args.to).c_str(), &status) == 0)
      event->file = add(absolute(call.args.to), call.args.to, status, process, seq);
  } else if ((call.is("read") || call.is("write")) && call.number != SYS_sendfile &&
             call.number != SYS_copy_file_range) {
    event->args.data = read_buffers(tid, call, static_cast<size_t>(event->result));
    content_bytes_ += event->args.data->size();
  }
}

}  // namespace ipclab
