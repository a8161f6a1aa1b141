#include "places.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <string_view>
#include <vector>

#include "launch.h"
#include "tracee.h"

namespace ipclab {
namespace {

constexpr size_t kStackBytes = 8192;
constexpr size_t kPageBytes = 4096;
constexpr std::string_view kFilesLine = "files ";

// Code of the program's own file, as it is mapped.
struct Text {
  unsigned long start = 0, end = 0, offset = 0;
};

std::vector<Text> find_texts(pid_t leader) {
  std::vector<Text> texts;
  struct stat program {};
  if (stat(("/proc/" + std::to_string(leader) + "/exe").c_str(), &program) != 0) return texts;
  FILE *maps = fopen(("/proc/" + std::to_string(leader) + "/maps").c_str(), "re");
  if (!maps) return texts;
  char line[512];
  while (fgets(line, sizeof line, maps)) {
    Text text;
    char rights[5];
    unsigned long inode = 0;
    if (sscanf(line, "%lx-%lx %4s %lx %*s %lu", &text.start, &text.end, rights, &text.offset, &inode) == 5 &&
        inode == program.st_ino && rights[2] == 'x')
      texts.push_back(text);
  }
  fclose(maps);
  return texts;
}

const Text *find_text(const std::vector<Text> &texts, unsigned long address) {
  const auto found = std::find_if(texts.begin(), texts.end(),
                                  [&](const Text &text) { return address >= text.start && address < text.end; });
  return found == texts.end() ? nullptr : &*found;
}

// Is there, just before that address, a call of a function of another library? Those go through a jump by a table.
bool follows_library_call(pid_t tid, const std::vector<Text> &texts, unsigned long address) {
  uint8_t code[6];
  if (!read_memory(tid, static_cast<long>(address - sizeof code), code, sizeof code)) return false;
  if (code[0] == 0xff && code[1] == 0x15) return true;  // call *table(%rip)
  if (code[1] != 0xe8) return false;                    // call relative
  int32_t distance = 0;
  memcpy(&distance, code + 2, sizeof distance);
  const unsigned long target = address + static_cast<unsigned long>(static_cast<long>(distance));
  uint8_t stub[8];
  if (!find_text(texts, target) || !read_memory(tid, static_cast<long>(target), stub, sizeof stub)) return false;
  const uint8_t *at = stub;
  if (memcmp(at, "\xf3\x0f\x1e\xfa", 4) == 0) at += 4;  // endbr64
  if (*at == 0xf2) at++;                                // bnd
  return at[0] == 0xff && at[1] == 0x25;                // jmp *table(%rip)
}

}  // namespace

std::string read_place_board(pid_t tid, long board, const PendingCall *promised) {
  char bytes[kPlaceBoardBytes];
  if (!read_memory(tid, board, bytes, sizeof bytes)) return "";
  bytes[sizeof bytes - 1] = '\0';
  std::istringstream lines(bytes);
  std::string line;
  if (!std::getline(lines, line) || !promised) return line;
  const CallArgs &args = promised->args;
  if (promised->row->is_about_files()) {
    while (std::getline(lines, line)) {
      if (line.compare(0, kFilesLine.size(), kFilesLine) == 0) return line.substr(kFilesLine.size());
    }
    return "";
  }
  const long type = args.mtype.value_or(args.msgtyp.value_or(0));
  const std::string wanted =
      std::string(promised->row->name) + " " + std::to_string(args.id.value_or(-1)) + " " + std::to_string(type) + " ";
  while (std::getline(lines, line)) {
    if (line.compare(0, wanted.size(), wanted) == 0) return line.substr(wanted.size());
  }
  return "";
}

std::string find_calling_code(pid_t tid, pid_t leader, long stack) {
  const std::vector<Text> texts = find_texts(leader);
  std::vector<unsigned long> words(kStackBytes / sizeof(unsigned long));
  // The stack may end within that.
  size_t bytes = kStackBytes;
  while (bytes > 0 && !read_memory(tid, stack, words.data(), bytes)) {
    const size_t to_page = kPageBytes - static_cast<size_t>(stack) % kPageBytes;
    bytes = bytes == kStackBytes ? to_page + kPageBytes : bytes > to_page ? to_page : 0;
  }
  for (size_t i = 0; i < bytes / sizeof words[0]; i++) {
    const Text *text = find_text(texts, words[i]);
    if (!text || !follows_library_call(tid, texts, words[i])) continue;
    char place[32];
    snprintf(place, sizeof place, "@%lx", words[i] - 1 - text->start + text->offset);
    return place;
  }
  return "";
}

}  // namespace ipclab
