// File access rules of one process (landlock(7)).
#pragma once
#include <string>
#include <vector>

namespace ipclab {

// Version of Landlock here; 0 if the kernel has none or it is switched off.
int landlock_abi();

// What every program may read, once for all processes that this one forks. Each of those must then make its rules,
// which closes the descriptors.
void open_common_paths();

// Write only below `writable`; read and execute below it, `readable` and what programs need (libraries, /dev/null ...);
// no TCP, no abstract sockets of others. Answers a descriptor, made while the paths can still be opened; -1 where
// Landlock is missing.
int create_file_rules(const std::string &writable, const std::vector<std::string> &readable);

// From now on they hold for this process and its children; closes them. Needs no_new_privs. Both throw Fault.
void restrict_files(int rules);

}  // namespace ipclab
